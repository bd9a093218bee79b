import { ConfigurationError } from '../memory/errors.ts';

type Scalar = string | number | boolean;

/** A database that is attached beside the profile's own. */
export interface Attachment {
  readonly path: string;
  /** '' when the profile leaves it to DuckDB, which derives it from the path. */
  readonly alias: string;
  /** '' when the profile leaves it to DuckDB. */
  readonly type: string;
  readonly readOnly: boolean;
  readonly secret?: string;
  readonly options: Readonly<Record<string, Scalar | readonly Scalar[] | null>>;
}

/** A credential of DuckDB's secret manager. */
export interface Secret {
  readonly type: string;
  /** Absent: numbered by position; '': DuckDB's default for the type. */
  readonly name?: string;
  readonly persistent: boolean;
  readonly scope: readonly string[];
  /** `type`, `provider` and what the type takes, in the profile's order. */
  readonly parameters: Readonly<Record<string, SecretValue>>;
}

export type SecretValue = Scalar | readonly Scalar[] | Readonly<Record<string, Scalar>>;

/** Whether an attachment is a PostgreSQL database, by its type or, where that is left to DuckDB, its path. */
export function isPostgres({ type, path }: Pick<Attachment, 'type' | 'path'>): boolean {
  return /^postgres(?:_scanner|ql)?$/i.test(type) || (type === '' && /^postgres(?:ql)?:/i.test(path));
}

export function quoteIdentifier(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`;
}

export function quoteLiteral(value: string): string {
  return `'${withoutNul(value).replaceAll("'", "''")}'`;
}

function withoutNul(text: string): string {
  // DuckDB's parser would end the statement here, without an error.
  if (text.includes('\0'))
    throw new ConfigurationError('A value of the profile holds a NUL character, which SQL cannot.');
  return text;
}

/** `ATTACH IF NOT EXISTS 'path' AS "alias" (TYPE postgres, READ_ONLY)` */
export function attachSql(attachment: Attachment): string {
  const { path, alias, type, secret, readOnly } = attachment;
  const options = [
    ...(type ? [`TYPE ${plainName(type)}`] : []),
    ...(secret ? [`SECRET ${quoteIdentifier(secret)}`] : []),
    ...(readOnly ? ['READ_ONLY'] : []),
    ...Object.entries(attachment.options).flatMap(([key, value]) => attachOption(key, value)),
  ];
  // MotherDuck's query string is for the session, not for ATTACH.
  const target = path.startsWith('md:') ? (path.split('?')[0] ?? path) : path;
  const name = alias ? ` AS ${quoteIdentifier(alias)}` : '';
  return `ATTACH IF NOT EXISTS ${quoteLiteral(target)}${name}${options.length > 0 ? ` (${options.join(', ')})` : ''}`;
}

/** dbt leaves out what is false, so that `create_if_not_exists: false` does nothing there; here it is said. */
function attachOption(key: string, value: Attachment['options'][string]): string[] {
  const option = plainName(key).toUpperCase();
  if (value === null) return [];
  return [value === true ? option : `${option} ${attachValue(value)}`];
}

function attachValue(value: Scalar | readonly Scalar[]): string {
  if (Array.isArray(value)) return `[${(value as readonly Scalar[]).map(attachValue).join(', ')}]`;
  return typeof value === 'string' ? quoteLiteral(unquoted(value)) : String(value);
}

/** dbt lets a text that brings its own quotes pass; it is quoted here once more, so that it cannot end early. */
function unquoted(value: string): string {
  const inside = /^'(.*)'$/s.exec(value)?.[1];
  return inside === undefined ? value : inside.replaceAll("''", "'");
}

/** `CREATE OR REPLACE SECRET "name" (type s3, key_id '...', scope '...')`; `position` counts from 1. */
export function secretSql(secret: Secret, position: number): string {
  const parameters = Object.entries(secret.parameters).map(
    ([key, value]) => `${plainName(key)} ${secretValue(key, value)}`,
  );
  const scopes = secret.scope.map((scope) => `scope ${quoteLiteral(scope)}`);
  const persistent = secret.persistent ? 'PERSISTENT ' : '';
  const name = secret.name ?? `_dbt_secret_${position}`;
  const head =
    name === '' ? `CREATE ${persistent}SECRET` : `CREATE OR REPLACE ${persistent}SECRET ${quoteIdentifier(name)}`;
  return `${head} (${[...parameters, ...scopes].join(', ')})`;
}

function secretValue(key: string, value: SecretValue): string {
  if (typeof value !== 'object') return secretScalar(key, String(value));
  if (Array.isArray(value))
    return `array [${(value as readonly Scalar[]).map((item) => quoteLiteral(String(item))).join(', ')}]`;
  const entries = Object.entries(value as Readonly<Record<string, Scalar>>);
  return `map {${entries.map(([name, item]) => `${quoteLiteral(name)}: ${quoteLiteral(String(item))}`).join(', ')}}`;
}

const mapLiteral = /^\s*map\s*\{\s*(?:'(?:[^']|'')*'\s*:\s*'(?:[^']|'')*'\s*,?\s*)*\}\s*$/i;

/** dbt writes these three without quotes. */
function secretScalar(key: string, value: string): string {
  if (key === 'type' || key === 'provider') return plainName(value);
  return key === 'extra_http_headers' && mapLiteral.test(value) ? value.trim() : quoteLiteral(value);
}

function plainName(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new ConfigurationError(`"${name}" must be a plain name (letters, digits, underscore).`);
}
