import { z } from 'zod';
import { basename, extname } from 'node:path';
import { check, describeGiven, maybe, strict } from './check.ts';
import type { Location } from './location.ts';
import { didYouMean } from './suggestion.ts';
import { isMapping, type Mapping, member, type Path, type Value } from './value.ts';

/** Everything that DuckDB's SQL takes without quotes: names of settings, options, types, extensions. */
const name = z.string().regex(/^[A-Za-z_]\w*$/, 'must be a plain name (letters, digits, underscore)');
const text = z.string().min(1);
const scalar = z.union([z.string(), z.number(), z.boolean()], 'must be text, a number, true or false');
const settings = maybe(z.record(name, scalar)).transform((value) => value ?? {});
const flag = (value: boolean) => maybe(z.boolean()).transform((given) => given ?? value);
const list = <T extends z.ZodType>(item: T) => maybe(z.array(item)).transform((items) => items ?? []);

const threads = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
  z.int().min(1).default(1),
);

const extension = z.union(
  [name.transform((given) => given), strict({ name, repo: maybe(text) })],
  'must be the name of an extension, or {name: ..., repo: ...}',
);

const attachOption = z.union(
  [scalar, z.array(scalar), z.null()],
  'must be text, a number, true or false, or a list of them',
);

const attachment = strict({
  path: text,
  type: maybe(name),
  alias: maybe(text),
  secret: maybe(text),
  read_only: flag(false),
  options: maybe(z.record(name, attachOption)).transform((value) => value ?? {}),
  is_ducklake: maybe(z.boolean()),
}).check(({ value, issues }) => {
  const twice = Object.keys(value.options).filter((key) => /^(?:type|secret|read_only)$/i.test(key));
  if (twice.length === 0) return;
  const message = `is specified in both direct fields and options dict: ${twice.join(', ')}. Keep it beside path`;
  issues.push({ code: 'custom', input: value, path: ['options'], message });
});

const secretValue = z.union(
  [scalar, z.array(scalar), z.record(z.string(), scalar)],
  'must be text, a number, true or false, or a list or a mapping of them',
);

/** Its other keys are DuckDB's business; they keep their order. */
const secret = z
  .object({ type: name, provider: maybe(name), name: maybe(z.string()), persistent: flag(false) })
  .catchall(maybe(secretValue))
  .check(({ value, issues }) => {
    const odd = Object.keys(value).find((key) => !name.safeParse(key).success);
    if (odd !== undefined)
      issues.push({ code: 'custom', input: value, message: `has the key "${odd}", which is no plain name` });
  });

const retries = strict({
  connect_attempts: z.int().min(1).default(1),
  query_attempts: maybe(z.int().min(1)),
  retryable_exceptions: z.array(text).default(['IOException']),
});

/** The fields of a dbt-duckdb output. What is not here is not refused: dbt ignores it, so it is a warning. */
const shape = {
  type: z.literal('duckdb'),
  threads,
  path: text.default(':memory:'),
  database: maybe(text),
  schema: text.default('main'),
  config_options: settings,
  settings,
  extensions: list(extension),
  secrets: list(secret),
  attach: list(attachment),
  use_credential_provider: maybe(z.literal('aws')),
  disable_transactions: flag(false),
  keep_open: flag(true),
  retries: maybe(retries),
  external_root: text.default('.'),
  is_ducklake: maybe(z.boolean()),
};

/** Python's own, which have no counterpart here; their form is checked as dbt does, and then they are ignored. */
const python = {
  plugins: list(z.object({ module: text, alias: maybe(text), config: maybe(z.record(z.string(), z.unknown())) })),
  filesystems: list(z.object({ fs: text })),
  module_paths: list(text),
};

const outputSchema = z.object(shape);
const pythonSchema = z.object(python);

/** One output, rendered and checked, with dbt's names and dbt's defaults filled in. */
export type Output = Omit<z.infer<typeof outputSchema>, 'database'> & { readonly database: string };

export interface CheckedOutput {
  readonly output: Output;
  readonly warnings: readonly string[];
}

/** Checks a rendered output. Throws ConfigurationError that names every problem with its place and path. */
export function checkOutput({ document, path }: Location, rendered: Mapping): CheckedOutput {
  refuse(document, path, rendered);
  const checked = check(outputSchema, document, path, rendered);
  const ignored = check(pythonSchema, document, path, rendered);
  const moved = olderSettings(rendered, checked);
  const warnings = [
    ...unknownKeys(rendered),
    ...moved.warnings,
    ...unsupported(checked, ignored),
    ...forDbtAlone(checked),
  ];
  const secrets = checked.use_credential_provider
    ? [...checked.secrets, { type: 's3', provider: 'credential_chain', name: undefined, persistent: false }]
    : checked.secrets;
  const database = databaseName(checked.path);
  if (database === '') {
    throw document.fault(
      [...path, 'path'],
      "must end in the name of a file: the database is called after it (Unable to determine target database name from 'path')",
    );
  }
  if (!databaseFits(checked, database)) {
    throw document.fault(
      [...path, 'database'],
      `is inconsistent with path: it must be "${database}", after the file, or the alias of an attachment; or leave it out. It is "${checked.database ?? ''}"`,
    );
  }
  const output = { ...checked, secrets, settings: moved.settings, database: checked.database ?? database };
  return { output, warnings: warnings.map(([key, problem]) => document.sentence([...path, ...[key].flat()], problem)) };
}

type Warning = readonly [key: string | Path, problem: string];

function refuse(document: Location['document'], path: Path, rendered: Mapping): void {
  const type = member(rendered, 'type');
  if (type === undefined || type === null) throw document.fault(path, 'lacks its type; write type: duckdb');
  if (type !== 'duckdb') {
    const found = typeof type === 'string' ? `"${type}"` : describeGiven(type, ['type']);
    throw document.fault(
      [...path, 'type'],
      `is ${found}; only duckdb works here. Choose another target, or change the type`,
    );
  }
  if (member(rendered, 'remote') != null) {
    throw document.fault([...path, 'remote'], 'is not supported (a Buena Vista server); take it out and give a path');
  }
  const file = member(rendered, 'path');
  if (typeof file === 'string' && file.startsWith(':memory:') && file !== ':memory:') {
    throw document.fault(
      [...path, 'path'],
      'would become a file of that name; a database in memory is ":memory:" and no more',
    );
  }
}

/** `/data/codex.v2.duckdb` is called codex.v2, a database in memory is called memory, `md:` alone is called my_db. */
function databaseName(path: string): string {
  if (path === ':memory:') return 'memory';
  const address = path.replace(/^(?:md|motherduck|ducklake):/, '').split('?')[0] ?? path;
  if (address === '' && /^(?:md|motherduck):/.test(path)) return 'my_db';
  // A path that ends in a slash names no file; basename() would take the folder.
  const file = /[/\\]$/.test(address) ? '' : basename(address);
  return basename(file, extname(file));
}

function databaseFits({ database, attach }: z.infer<typeof outputSchema>, stem: string): boolean {
  return database === undefined || database === stem || attach.some(({ alias }) => alias === database);
}

/** The spelling of older profiles, and the settings that each must yield to. */
const older: Readonly<Record<string, readonly string[]>> = {
  max_memory: ['max_memory', 'memory_limit'],
  checkpoint_threshold: ['checkpoint_threshold', 'wal_autocheckpoint'],
  temp_directory: ['temp_directory'],
};

function olderSettings(rendered: Mapping, { settings, config_options }: Pick<Output, 'settings' | 'config_options'>) {
  const given = new Set(Object.keys({ ...settings, ...config_options }).map((key) => key.toLowerCase()));
  const found = Object.keys(older).filter((key) => isScalar(member(rendered, key)));
  const used = found.filter((key) => !older[key]?.some((spelling) => given.has(spelling)));
  const values = Object.fromEntries(used.map((key) => [key, member(rendered, key) as string | number | boolean]));
  const warnings = found.map((key): Warning => [
    key,
    `is ignored by dbt here; ${used.includes(key) ? 'it is used, but' : 'settings already has it;'} move it into settings.`,
  ]);
  return { settings: { ...values, ...settings }, warnings };
}

function isScalar(value: Value | undefined): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function unsupported(
  { secrets, use_credential_provider }: Pick<Output, 'secrets' | 'use_credential_provider'>,
  { plugins, filesystems, module_paths }: z.infer<typeof pythonSchema>,
): Warning[] {
  const scoped = secrets.some(({ scope }) => Array.isArray(scope) && scope.length > 1);
  return [
    ...plugins.map(({ module }, index): Warning => [['plugins', index], `is ignored: ${module} is a Python module`]),
    ...filesystems.map(({ fs }, index): Warning => [
      ['filesystems', index],
      `is ignored: ${fs} is a file system of Python's fsspec; use the extension httpfs and secrets`,
    ]),
    ...(module_paths.length > 0 ? [['module_paths', 'is ignored: it extends the path of Python'] as const] : []),
    ...(use_credential_provider === undefined ? [] : [['use_credential_provider', credentialChain] as const]),
    ...(scoped ? [['secrets', severalScopes] as const] : []),
  ];
}

const credentialChain = 'is deprecated; write secrets: [{type: s3, provider: credential_chain}]';

/** Fields that mean something to dbt and, honestly, nothing here. */
function forDbtAlone({ retries, disable_transactions }: Pick<Output, 'retries' | 'disable_transactions'>): Warning[] {
  const found: Warning[] = [];
  if (retries?.query_attempts !== undefined)
    found.push([
      'retries',
      'holds query_attempts, which is for dbt; here Temporal runs a step again, up to twelve times.',
    ]);
  if (disable_transactions)
    found.push([
      'disable_transactions',
      'is for dbt; a step of the pipeline commits with its ledger row or not at all.',
    ]);
  return found;
}

// dbt writes one scope after the other, and of those DuckDB 1.5 takes the last.
const severalScopes = 'holds one with several scopes, of which DuckDB keeps only the last; write a secret for each.';

function unknownKeys(rendered: Mapping): Warning[] {
  const known = [...Object.keys(shape), ...Object.keys(python), 'pipeline'];
  return Object.keys(rendered)
    .filter((key) => !known.includes(key) && key !== 'remote' && !(key in older && isScalar(member(rendered, key))))
    .slice(0, 20)
    .map((key) => [key, `is unknown and ignored${didYouMean(key, known) || '.'}`]);
}

/** The rendered output as a mapping; a template cannot change that it is one. */
export function asMapping(value: Value): Mapping {
  return isMapping(value) ? value : {};
}
