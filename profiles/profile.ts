import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigurationError } from '../memory/errors.ts';
import { asMapping, checkOutput, type Output } from './output.ts';
import { type Location, locate } from './location.ts';
import { checkPipeline, type Pipeline } from './pipeline.ts';
import { takePredecessor } from './predecessor.ts';
import type { Attachment, Secret, SecretValue } from './sql.ts';
import { render } from './template.ts';
import { type Environment, variable } from './value.ts';

export type { Output } from './output.ts';
export type { Pipeline } from './pipeline.ts';
export type { Attachment, Secret } from './sql.ts';

export interface ProfileRequest {
  /** The folder of profiles.yml; the only one looked into when given. */
  profilesDir?: string | undefined;
  profile?: string | undefined;
  target?: string | undefined;
  /** At least 1; wins over the profile's. */
  threads?: number;
  /** What `var()` sees in a template. */
  vars?: Record<string, unknown>;
  env: NodeJS.ProcessEnv | Record<string, string | undefined>;
  /** Where relative paths start. */
  cwd: string;
}

export interface Retries {
  /** At least 1: opening and attaching, the first try included. */
  readonly connectAttempts: number;
  /** At least 1; absent: a statement is tried once. */
  readonly queryAttempts?: number;
  /** dbt's names, those of DuckDB's exceptions in Python: 'IOException', 'HTTPException', ... */
  readonly retryableExceptions: readonly string[];
}

type Settings = Readonly<Record<string, string | number | boolean>>;

/** One target of profiles.yml, rendered and checked. It holds secrets: print it only through `redact`. */
export interface Profile {
  /** The profiles.yml that it came from, absolute. */
  readonly file: string;
  readonly name: string;
  readonly target: string;
  /** How much the pipeline does at once. */
  readonly threads: number;
  /** Absolute file path, or ':memory:', or an address such as 'ducklake:...'. */
  readonly path: string;
  readonly database: string;
  readonly schema: string;
  /** For `SET`, after attaching. */
  readonly settings: Settings;
  /** For opening the database. */
  readonly configOptions: Settings;
  readonly extensions: readonly { name: string; repo?: string }[];
  readonly attach: readonly Attachment[];
  readonly secrets: readonly Secret[];
  /** How often opening and statements are tried again; absent: never. */
  readonly retries?: Retries;
  /** False: the file is closed, and its lock released, as soon as nobody uses it. */
  readonly keepOpen: boolean;
  /** True: statements are not put into transactions of dbt's own making. */
  readonly disableTransactions: boolean;
  /** Where exports go, absolute, or an address such as 's3://...'. */
  readonly externalRoot: string;
  /** The database is a DuckLake: as the profile says, else by its path. */
  readonly isDucklake: boolean;
  readonly pipeline: Pipeline;
  /** One line each, redacted. */
  readonly warnings: readonly string[];
}

/** Finds, renders and checks a profile. Throws ConfigurationError that says where, what and what to do; secrets are masked. */
export function loadProfile(request: ProfileRequest): Profile {
  return resolveProfile(request).profile;
}

/** For a program that runs the pipeline on it: a profile that is dbt's alone may have no memories. @throws ConfigurationError */
export function requireSource(profile: Profile): void {
  if (!hasSource(profile)) throw new ConfigurationError(`${profile.file}: ${describeMissingSource(profile)}`);
}

export function hasSource({ attach, pipeline }: Profile): boolean {
  return attach.some(({ alias }) => alias === pipeline.source.attachment);
}

/** What is missing and what to do. */
export function describeMissingSource({ name, target, pipeline: { source } }: Profile): string {
  return (
    `${name}.outputs.${target}.attach has no attachment with the alias ${source.attachment}, from whose table ` +
    `${source.schema}.${source.table} memories are read. Attach the agents' database under that alias, or name another in ` +
    `pipeline: {source: {attachment: ...}}.`
  );
}

/** What `loadProfile` gives, and beside it the output under dbt's own names, with all that dbt would fill in. */
export function resolveProfile(request: ProfileRequest): { profile: Profile; output: Output } {
  const { env, vars = {} } = request;
  const location = locate({ ...request, vars });
  const given = asMapping(render(location.document, location.path, location.output, { env, vars }));
  const { rendered, warnings: taken } = takePredecessor(location, given, env);
  const { output, warnings } = checkOutput(location, rendered);
  const profile = {
    ...describe(location, output, request),
    pipeline: checkPipeline(location, rendered, env),
    warnings: [...location.document.warnings, ...location.warnings, ...warnings, ...taken],
  };
  const { threads, path, settings, configOptions } = profile;
  return { profile, output: { ...output, threads, path, settings, config_options: configOptions } };
}

function describe({ document, profile, target }: Location, output: Output, request: ProfileRequest) {
  return {
    file: document.file,
    name: profile,
    target,
    threads: checkThreads(request.threads) ?? output.threads,
    path: locatePath(output.path, request),
    database: output.database,
    schema: output.schema,
    settings: withAbsoluteTemp(output.settings, request),
    configOptions: withAbsoluteTemp(output.config_options, request),
    extensions: output.extensions.map(describeExtension),
    attach: output.attach.map(describeAttachment),
    secrets: output.secrets.map(describeSecret),
    ...(output.retries && { retries: describeRetries(output.retries) }),
    keepOpen: output.keep_open,
    disableTransactions: output.disable_transactions,
    externalRoot: locatePath(output.external_root, request),
    isDucklake: output.is_ducklake ?? output.path.startsWith('ducklake:'),
  };
}

function describeRetries(retries: NonNullable<Output['retries']>): Retries {
  const { connect_attempts, query_attempts, retryable_exceptions } = retries;
  return {
    connectAttempts: connect_attempts,
    ...(query_attempts !== undefined && { queryAttempts: query_attempts }),
    retryableExceptions: retryable_exceptions,
  };
}

function checkThreads(threads: number | undefined): number | undefined {
  if (threads === undefined || (Number.isInteger(threads) && threads >= 1)) return threads;
  throw new ConfigurationError(`--threads must be a whole number of at least 1, not ${threads}.`);
}

/** Resolved once, here: a process that changes its folder later still means the same file. */
function locatePath(path: string, { cwd, env }: { cwd: string; env: Environment }): string {
  if (path === ':memory:' || /^[a-z][a-z0-9]+:/i.test(path)) return path;
  // As DuckDB itself does.
  const home = variable(env, 'HOME') || homedir();
  return resolve(cwd, /^~(?=$|\/)/.test(path) ? join(home, path.slice(1)) : path);
}

function withAbsoluteTemp(settings: Settings, request: ProfileRequest): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const isFolder = name.toLowerCase() === 'temp_directory' && typeof value === 'string' && value !== '';
      return [name, isFolder ? locatePath(value, request) : value];
    }),
  );
}

function describeExtension(extension: Output['extensions'][number]): { name: string; repo?: string } {
  if (typeof extension === 'string') return { name: extension };
  return { name: extension.name, ...(extension.repo !== undefined && { repo: extension.repo }) };
}

function describeAttachment({ path, alias, type, secret, read_only, options }: Output['attach'][number]): Attachment {
  const base = { path, alias: alias ?? '', type: type ?? '', readOnly: read_only, options };
  return secret === undefined ? base : { ...base, secret };
}

function describeSecret({ name, persistent, scope, ...given }: Output['secrets'][number]): Secret {
  const parameters = Object.entries(given).filter(([, value]) => value !== undefined) as [string, SecretValue][];
  return {
    type: given.type,
    ...(name !== undefined && { name }),
    persistent,
    scope: [scope ?? []].flat().map(String),
    parameters: Object.fromEntries(parameters),
  };
}
