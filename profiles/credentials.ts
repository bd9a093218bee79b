import type { Location } from './location.ts';
import { hideSecrets, isSecretName, passwordsIn, redact, secretsOfQuery } from './redact.ts';
import { type Environment, isMapping, member, type Path, type Value } from './value.ts';

/** Where a profile holds credentials, and which. */
interface Credential {
  readonly path: Path;
  readonly values: readonly string[];
}

/** Where profiles.yml holds a credential that no `env_var()` brings. Never the credential itself: only its path. */
export function hardCodedCredentials({ document, path, output }: Pick<Location, 'document' | 'path' | 'output'>) {
  // The whole file: a password of the target that is not chosen is as readable as one of the target that is.
  const everywhere = document.value === null ? output : document.value;
  const root = document.value === null ? path : [];
  return findCredentials(everywhere, root, literalOf).map((credential) => credential.path);
}

/** Hides in a text what `redact` hides, and every credential that a rendered output holds. */
export function hideCredentials(rendered: Value, env: Environment): (text: string) => string {
  const hide = hideValues(rendered);
  return (text) => redact(hide(text), env);
}

/** Hides in a text every credential that a rendered output holds, and nothing that only looks like one. */
export function hideValues(rendered: Value): (text: string) => string {
  const found = findCredentials(rendered, [], (text) => text).flatMap(({ values }) => values);
  const secrets = [...found, ...texts(rendered).flatMap(secretsOfQuery)].filter((secret) => secret.length > 3);
  return (text) => hideSecrets(text, secrets);
}

/** The environment variables that the value at `path` reads, as it stands in the file. */
export function variablesAt({ document }: Pick<Location, 'document'>, path: Path): string[] {
  let node: Value | undefined = document.value;
  for (const part of path)
    node = Array.isArray(node) ? (node as readonly Value[])[Number(part)] : member(node, String(part));
  const names = texts(node).flatMap((text) =>
    [...text.matchAll(/\benv_var\(\s*['"]([^'"]+)/g)].map(([, name]) => name),
  );
  return [...new Set(names.filter((name) => name !== undefined))];
}

function texts(node: Value | undefined): string[] {
  if (typeof node === 'string') return [node];
  if (Array.isArray(node)) return (node as readonly Value[]).flatMap(texts);
  return isMapping(node) ? Object.values(node).flatMap(texts) : [];
}

function findCredentials(root: Value, start: Path, read: (text: string) => string): Credential[] {
  const found: Credential[] = [];
  // An alias is one value in two places; it is looked at once, so that aliases of aliases cost nothing.
  const seen = new Set<Value>();
  const visit = (node: Value, path: Path): void => {
    if (typeof node === 'object' && node !== null) {
      if (seen.has(node)) return;
      seen.add(node);
      for (const [key, child] of Object.entries<Value>(node))
        visit(child, [...path, Array.isArray(node) ? Number(key) : key]);
    } else if (typeof node === 'string' || typeof node === 'number') {
      const values = credentialsIn(path, read(String(node)));
      if (values.length > 0) found.push({ path, values });
    }
  };
  visit(root, start);
  return found;
}

function credentialsIn(path: Path, text: string): string[] {
  const key = String(path.at(-1) ?? '');
  const matches = [...text.matchAll(addresses), ...text.matchAll(assignments)];
  const inside = matches.flatMap(([, first, second]) => first ?? second ?? []);
  const whole = isSecretName(key) && !namesSecret(path) ? [text] : [];
  return [...whole, ...inside, ...passwordsIn(text)].filter((value) => /[\p{L}\p{N}]/u.test(value));
}

/** `://user:password@`, and a token alone before the @ of a web address. */
const addresses = /https?:\/\/([^\s:/@]+):?@|:\/\/[^\s:/@]*:([^\s]*)@/gi;
/** libpq's `password=…`, Azure's `AccountKey=…`, the query string of a URL. */
const assignments =
  /\b(?:\w*password|passwd|pwd|\w*token|\w*secret|accountkey)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s&;']+))/gi;

/** `secret:` of an attachment is the name of one. */
function namesSecret(path: Path): boolean {
  return path.includes('attach') && path.at(-1) === 'secret';
}

/** What of a template does not come from a variable: the text around, and the defaults. */
function literalOf(text: string): string {
  return text.replaceAll(/\{\{(.*?)\}\}/gs, (_, expression: string) => {
    const defaults = expression.replaceAll(/\b(?:env_var|var)\(\s*(?:'[^']*'|"[^"]*")/g, '');
    return [...defaults.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => single ?? double ?? '').join('');
  });
}
