import { z } from 'zod';
import { ConfigurationError } from '../memory/errors.ts';
import type { Document } from './document.ts';
import { didYouMean } from './suggestion.ts';
import { isSecretName } from './redact.ts';
import { isMapping, member, type Path, type Value } from './value.ts';

/** More would only bury the first. */
const maxProblems = 10;

/** An object that refuses unknown keys and suggests the one that was meant. */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const keys = (issue as unknown as { keys: string[] }).keys;
      const words = keys.slice(0, 5).map((key) => `"${key}"${didYouMean(key, known) || ';'}`);
      return `has the unknown key ${words.join(' ')} known are ${known.join(', ')}`;
    },
  });
}

/** Optional as in dbt, where a key without a value counts as absent. */
export function maybe<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/**
 * The value as `schema` gives it, or ConfigurationError: one line for each problem, with its place and its path.
 * `path` is where the value stands in the document.
 */
export function check<T extends z.ZodType>(
  schema: T,
  document: Document,
  path: Path,
  value: Value | undefined,
): z.infer<T> {
  const result = schema.safeParse(value, { error: explain });
  if (result.success) return result.data;
  const lines = result.error.issues.slice(0, maxProblems).map((issue) => {
    const inside = issue.path.filter((part) => typeof part !== 'symbol');
    const problem = `${nameOf(value, inside)}${issue.message}${given(issue, valueAt(value, inside), inside)}`;
    return document.sentence([...path, ...inside], problem);
  });
  throw new ConfigurationError(lines.join('\n'));
}

/** `, not the text "httpfs"`, behind what must be. Problems that name a key, or a number and its bound, have said it. */
function given({ code, message }: z.core.$ZodIssue, value: Value | undefined, path: Path): string {
  const isSaid =
    message.includes(', not ') || message.includes('; it must be') || !/^(?:comes .*)?must (?!not)/.test(message);
  if (isSaid || code === 'invalid_key' || value === undefined) return '';
  const isWord = code === 'invalid_value' && typeof value === 'string' && /^[\w-]+$/.test(value) && !isHidden(path);
  return `, not ${isWord ? value : describeGiven(value, path)}`;
}

function valueAt(value: Value | undefined, path: Path): Value | undefined {
  return path.reduce<Value | undefined>(
    (found, part) => (Array.isArray(found) ? (found as readonly Value[])[Number(part)] : member(found, String(part))),
    value,
  );
}

/** `(src) `: the alias or name of the list item that a problem is in, since nobody counts items. */
function nameOf(value: Value | undefined, path: Path): string {
  let current: Value | undefined = value;
  for (const part of path) {
    current = Array.isArray(current) ? (current as readonly Value[])[Number(part)] : member(current, String(part));
    const name = typeof part === 'number' ? (member(current, 'alias') ?? member(current, 'name')) : undefined;
    if (typeof name === 'string') return `(${name}) `;
  }
  return '';
}

const expectations: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

/** The sentence after the path for a problem that zod found. A text is shown only where none belongs: it may be a secret. */
function explain(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = expectations[issue.expected] ?? issue.expected;
      return `${issue.input === undefined ? 'is missing; it must be' : 'must be'} ${expected}`;
    }
    case 'too_small':
      return issue.origin === 'string'
        ? 'must not be empty'
        : `must be at least ${issue.minimum}, not ${String(issue.input)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}, not ${String(issue.input)}`;
    case 'invalid_value':
      return `must be ${issue.values.map(String).join(' or ')}`;
    case 'invalid_key':
      return 'has a key that is not a plain name (letters, digits, underscore)';
    default:
      return undefined;
  }
}

/** Longer texts are not shown, and never a part of one: half a URL with a password is no longer recognised as one. */
const maxShown = 60;

/** What came where something else belongs: its type, and its value unless that may be a secret. `path` is where it stands. */
export function describeGiven(input: Value, path: Path): string {
  const isSecret = isHidden(path);
  if (typeof input === 'number' || typeof input === 'boolean') return isSecret ? `a ${typeof input}` : String(input);
  if (input === null) return 'empty';
  if (typeof input !== 'string') return isMapping(input) ? 'a mapping' : 'a list';
  // The user before the @ of an address is not shown either.
  const isShown = !isSecret && input.length <= maxShown && !input.includes('@');
  return isShown ? `the text ${JSON.stringify(input)}` : 'text';
}

/** Plain words of a secret that are none. */
const shownOfSecrets = /^(?:type|provider|name|persistent|scope)$/;

/** What is named like a secret, and all of `secrets:` but for its plain words. */
function isHidden(path: Path): boolean {
  const last = path.findLast((part) => typeof part === 'string') ?? '';
  return (path.includes('secrets') && !shownOfSecrets.test(last)) || path.some((part) => isSecretName(String(part)));
}
