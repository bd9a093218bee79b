import { readFromFiles } from './variable-file.ts';
import type { Environment } from './value.ts';

/** What stands in place of a secret. */
export const mask = '*****';

/** Names whose values are secrets, in libpq strings, SQL, YAML and JSON. */
const secretWord = String.raw`(?<![\w-])[\w-]*(?:password|passwd|pwd|passphrase|secret|token|key_id|(?:api|access|account|encryption|private)[_-]?key|connection_string|authorization|cookie)`;
/** What goes on after such a word is a misspelled name of one, unless it says where a secret lies or what it is like. */
const plainEnd = String.raw`(?:file|files|path|dir|directory|folder|storage|name|type|provider|url|uri|endpoint|count|limit|budget|length)`;
// Bounded, because a text of nothing but such words would take quadratic time.
const secretName = String.raw`${secretWord}(?:[_-][\w-]{0,40}(?<![_-]${plainEnd}))?`;

// A quote inside is doubled (SQL) or escaped (libpq, JSON); libpq's own quotes are doubled when they stand inside SQL.
const single = String.raw`''[^'](?:[^']|'(?!'))*''|'(?:[^'\\]|\\.|'')*'`;
const double = String.raw`"(?:[^"\\]|\\.|"")*"`;
const assignment = new RegExp(
  String.raw`(${secretName}['"]?\s*[=:]\s*)(?:${single}|${double}|(?:\\.|[^\s&\\])+)`,
  'gis',
);
// One character in quotes is no secret: so JSON.parse says which one it did not expect, "Unexpected token 'o'".
const sqlOption = new RegExp(String.raw`(${secretName}['"]?\s+)(?!'[^']'(?!'))(?:${single})`, 'gis');

/** In the query of an address also short names are secrets: `?key=…`, `&sig=…`, `&X-Amz-Signature=…`. */
const querySecret = /([?&](?:[\w-]*[_-])?(?:key|sig|signature|credential|auth|pass)=)([^\s&'"#]+)/gi;
/** A setting of somebody's own (its name has a dot) that an address gives PostgreSQL: `options=-c%20my.key=…`. */
const optionSecret =
  /((?<![a-z_-])(?:-c(?:\s|%20|\+)*|--)\w+(?:\.|%2E)\w+(?:=|%3D))((?:\\.|%5C%20|(?!%20|%26)[^\s&'"\\+])+)/gi;
/** The value of a header without quotes has several words: a scheme and what follows it, or cookies. */
const header =
  /((?<![\w-])(?:proxy-)?authorization\s*[:=]\s*)(?:(?:bearer|basic|token|apikey|negotiate)\s+[^\s,;&'"]+|(?:digest|aws4-hmac-sha256|hawk)\s.*)|((?<![\w-])(?:set-)?cookie\s*[:=]\s*)[^\s;'"]+(?:;\s*[^\s;'"]+)*/gi;

/**
 * The text as it may be shown: without the password of a URL, the value after `password=` and the like, and without every value
 * of a DBT_ENV_SECRET variable or of a variable that is named like a secret or holds an address with a password. `addresses` are
 * what the text speaks of besides: their passwords are hidden too, where only a part of one turns up.
 * It would rather hide too much than too little.
 */
export function redact(text: string, env: Environment = process.env, addresses: readonly string[] = []): string {
  const given = addresses.flatMap(passwordsIn).filter((secret) => !ordinary.test(secret));
  return maskNamed(hideSecrets(text, [...secretValues(env), ...given]).replace(/\S+/g, maskPassword));
}

/**
 * Where an address leads, without the password in it, whatever the environment holds: `postgres://me:*****@host/db`,
 * `host=h password=*****`.
 */
export function redactAddress(address: string): string {
  return maskNamed(maskPassword(address));
}

/** What may be no address, and hold a password anywhere before its last @. */
export function hideUser(text: string): string {
  return text.replace(/^.*@/s, `${mask}@`);
}

/** The text without these, in each spelling in which they may turn up. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  const longestFirst = [...new Set(secrets.flatMap(spellings))].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((shown, secret) => shown.replaceAll(secret, mask), text);
}

/** What a name, or its place before the @ of a web address, tells to be a secret. */
function maskNamed(text: string): string {
  return text
    .replace(/(https?:\/\/)[^\s:/@]+:?@/gi, `$1${mask}@`)
    .replace(querySecret, `$1${mask}`)
    .replace(optionSecret, `$1${mask}`)
    .replace(header, `$1$2${mask}`)
    .replace(assignment, `$1${mask}`)
    .replace(sqlOption, `$1${mask}`);
}

/** `postgresql://me:*****@host/db`. By hand, because a pattern that looks for the last @ takes quadratic time. */
function maskPassword(word: string): string {
  const end = word.lastIndexOf('@');
  const start = /:\/\/[^\s:/@]*:/.exec(word);
  const from = start === null ? end : start.index + start[0].length;
  return from < end && start !== null ? `${word.slice(0, from)}${mask}${word.slice(end)}` : word;
}

/** Every secret of the environment. */
function secretValues(env: Environment): string[] {
  return [...Object.entries(env), ...readFromFiles()].flatMap(([name, value]) => (value ? secretsOf(name, value) : []));
}

function secretsOf(name: string, value: string): string[] {
  const inside = passwordsIn(value);
  // Of a URL with a password that is the secret: where it leads may be told, and has to be when it leads nowhere.
  if (name.startsWith('DBT_ENV_SECRET')) return urlPassword(value) === undefined ? [value, ...inside] : inside;
  return [...(secretVariable.test(name) && !FOLDERS.includes(name) ? [value] : []), ...inside].filter(
    (secret) => !ordinary.test(secret),
  );
}

/** Hiding these would blot out ordinary words. */
const ordinary = /^(?:.{0,3}|true|false|none|null)$/is;

/** Named like passwords, but they say where the shell is: masking them would hide every file name. */
const FOLDERS = ['PWD', 'OLDPWD'];
/** Of the environment there are variables for all sorts of things; only what ends like a secret is taken for one. */
const secretVariable = new RegExp(`^${secretWord}$`, 'i');
const secretSetting = new RegExp(`^${secretName}$`, 'i');

/**
 * Whether what has this name (a setting, a parameter) is a secret: `s3_secret_access_key`, and `s3_secret_access_key_typo`, which
 * nobody would look for.
 */
export function isSecretName(name: string): boolean {
  return secretSetting.test(name) && !FOLDERS.includes(name);
}

/**
 * What the query of an address, or its options for PostgreSQL, gives as a secret: of an option with its name, since by itself the
 * value may be an ordinary word.
 */
export function secretsOfQuery(text: string): string[] {
  const options = [...text.matchAll(optionSecret)].map(([option]) => option);
  return [...[...text.matchAll(querySecret)].flatMap(([, , value]) => value ?? []), ...options];
}

/**
 * The passwords of an address, as a URL or in libpq's `password=...`, and the pieces of one that libpq would take apart: it reads
 * `me:pass/word@host` as a host and a port and says so in its error, and a blank in a password that lacks quotes ends it.
 */
export function passwordsIn(address: string): string[] {
  const whole = [urlPassword(address) ?? [], assignedPasswords(address)].flat();
  const pieces = whole.flatMap((password) => password.split(/[@/?#:\s'"\\]+/)).filter((piece) => piece.length > 3);
  return [...whole.flatMap((password) => [password, decoded(password)]), ...pieces].filter((each) => each !== '');
}

function urlPassword(address: string): string | undefined {
  return /^\s*(?:[a-z]\w*:)*[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:(.+)@/is.exec(address)?.[1];
}

/** Only of what is all keywords and values: in other text a password may be followed by anything. */
function assignedPasswords(address: string): string[] {
  if (!/^\s*(?:[a-z]+:)*\w+\s*=/i.test(address) || address.includes('\n')) return [];
  const found = address
    .split(/\s(?=\w+\s*=)/)
    .map((pair) => /^[^=]*(?:password|passwd|pwd)\s*=\s*(.+)$/is.exec(pair)?.[1]);
  return found.flatMap((text) => (text === undefined ? [] : [text, unquoted(text)]));
}

function unquoted(text: string): string {
  return text.replace(/^'(.*)'$/s, '$1').replace(/\\(.)/gs, '$1');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}

function spellings(secret: string): string[] {
  return [secret, secret.replaceAll("'", "''"), JSON.stringify(secret).slice(1, -1), encoded(secret)];
}
