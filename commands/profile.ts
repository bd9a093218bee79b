import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { Command } from 'commander';
import { ConfigurationError, messageOf, ServiceError } from '../memory/errors.ts';
import { describeProfile, masked, revealed, type Mask, type ProfileDescription } from '../profiles/description.ts';
import { locate } from '../profiles/location.ts';
import { resolveProfile, type Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { member } from '../profiles/value.ts';
import { postgresVariableOf } from '../services/postgres-variable.ts';
import { createRequest, NOWHERE, type SharedOptions } from '../program/context.ts';
import { print, useColour, withSharedOptions } from './options.ts';

interface ShowOptions extends SharedOptions {
  readonly open?: boolean;
  readonly query?: readonly string[];
  readonly reveal?: boolean;
}

/** What a query gave, in order of the rows and of their columns. */
interface QueryResult {
  readonly sql: string;
  readonly rows: readonly (readonly unknown[])[];
}

type Shown = ProfileDescription & { readonly rows?: QueryResult['rows']; readonly queries?: readonly QueryResult[] };

/** `biomem profile show`: the profile as it will be used. */
export function addProfile(program: Command): void {
  const profile = program
    .command('profile')
    .description('profiles.yml as it will be used')
    .addHelpText('after', '\nExample:\n  biomem profile show --target prod');
  withSharedOptions(profile.command('show'))
    .description('the chosen output, filled in and checked, without its secrets')
    .option('--open', 'also open the database as the profile says; nothing of ours is put into it')
    .option('--query <sql>', 'open it and run a statement; may be given several times', collect)
    .option('--reveal', 'show the secrets, on a terminal only')
    .addHelpText(
      'after',
      '\nWith --json: {"ok": true, ...}, or {"ok": false, "stage": "load" or "open", "message"} with exit 2 or 1.\n' +
        '"rows" are those of the last --query, each a list of its columns; "queries" has all.\n\n' +
        'Example:\n  biomem profile show --target prod --query "select current_setting(\'memory_limit\')"',
    )
    .action(show);
}

function collect(sql: string, before: readonly string[] = []): readonly string[] {
  return [...before, sql];
}

async function show(options: ShowOptions): Promise<void> {
  const json = options.json ?? false;
  const queries = options.query ?? [];
  const { description, open } = await stage('load', json, () => load(options));
  const results = options.open || queries.length > 0 ? await stage('open', json, () => open(queries)) : undefined;
  const shown: Shown = {
    ...description,
    ...(queries.length > 0 && { rows: results?.at(-1)?.rows ?? [], queries: results ?? [] }),
  };
  const { printProfile } = await import('../report/profile.ts');
  print({ json }, { ok: true, ...shown }, () => printProfile(shown, { colour: useColour() }));
}

/** With --json a failure is a document too; what is thrown decides over the exit code. */
async function stage<T>(name: 'load' | 'open', json: boolean, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const message = redact(messageOf(error));
    if (json) print({ json }, { ok: false, stage: name, message }, () => '');
    // What the profile says was fit to be used; that it could not be is no longer wrong usage.
    throw name === 'open' && error instanceof ConfigurationError ? new ServiceError(message) : error;
  }
}

function load(options: ShowOptions) {
  const { request, workspace, notes: ofRequest } = createRequest(options);
  const report = (line: string) => void process.stderr.write(`${redact(line)}\n`);
  const embedded = embeddedVariable(request);
  const env = embedded === null ? request.env : { ...request.env, [embedded]: NOWHERE.postgres.url };
  const resolved = resolveProfile({ ...request, env });
  const mask = chooseMask(options, request.env, report);
  const notes = embedded !== null && namesNowhere(resolved.profile) ? [describeEmbedded(embedded)] : [];
  const description = describeProfile(resolved, mask);
  const open = async (queries: readonly string[]) => {
    const profile = notes.length > 0 ? await atEmbedded(options, workspace, embedded ?? '') : resolved.profile;
    return run(profile, queries, mask, report);
  };
  return { open, description: { ...description, warnings: [...ofRequest, ...description.warnings, ...notes] } };
}

function chooseMask({ reveal }: ShowOptions, env: NodeJS.ProcessEnv, report: (line: string) => void): Mask {
  if (reveal && process.stdout.isTTY) return revealed;
  if (reveal) report('profile: --reveal shows secrets on a terminal only, and stdout is none: they stay hidden');
  return masked(env);
}

/**
 * The variable in whose place an embedded PostgreSQL will come: it is not set, and the output has a `pipeline:`, so it is one
 * that this program runs. In any other profile a variable that is missing is missing.
 */
function embeddedVariable(request: ReturnType<typeof createRequest>['request']): string | null {
  const { target, output } = locate(request);
  const variable = postgresVariableOf(target);
  const named = request.env[variable] ?? request.env[`${variable}_FILE`];
  return !named && member(output, 'pipeline') !== undefined ? variable : null;
}

function namesNowhere({ attach }: Profile): boolean {
  return attach.some(({ path }) => path.includes(NOWHERE.postgres.url));
}

function describeEmbedded(variable: string): string {
  return `${variable} is not set: biomem will start a PostgreSQL of its own and attach that; ${NOWHERE.postgres.url} stands in its place here.`;
}

/** The profile again, with the address of the workspace's own PostgreSQL. @throws ServiceError when it does not run */
async function atEmbedded(options: ShowOptions, workspace: string, variable: string): Promise<Profile> {
  const [{ readState, isOurs }, { embeddedUrl }] = await Promise.all([
    import('../services/state.ts'),
    import('../services/postgres-url.ts'),
  ]);
  const { postgres } = await readState(workspace, () => undefined);
  if (postgres === undefined || !(await isOurs(postgres)))
    throw new ServiceError(
      `${variable} is not set, and no embedded PostgreSQL runs in ${workspace}. Start it with biomem services up, or set ${variable}.`,
    );
  const { request } = createRequest(options);
  return resolveProfile({ ...request, env: { ...request.env, [variable]: await embeddedUrl(workspace, postgres) } })
    .profile;
}

/** Opens the database without putting anything of ours into it, and says which files that will make. */
async function run(
  profile: Profile,
  queries: readonly string[],
  mask: Mask,
  report: (line: string) => void,
): Promise<QueryResult[]> {
  for (const file of missingFiles(profile))
    report(`profile: ${file} does not exist yet; opening it makes an empty database`);
  const [{ connect }, { readRows }, { LlmFunctions }] = await Promise.all([
    import('../duckdb/database.ts'),
    import('../duckdb/rows.ts'),
    import('../llm-sql/functions.ts'),
  ]);
  const { register } = new LlmFunctions();
  const database = await connect(profile, report, { migrations: false, register });
  try {
    return await database.use(async (connection) => {
      const results: QueryResult[] = [];
      for (const sql of queries) results.push({ sql: mask(sql), rows: mask(await readRows(connection, sql)) });
      return results;
    });
  } finally {
    database.close();
  }
}

/** Files of DuckDB's own format that opening would make. */
function missingFiles({ path, attach }: Profile): string[] {
  const attached = attach.filter(
    ({ type, readOnly, path }) => /^(?:duckdb)?$/i.test(type) && !readOnly && !/^[a-z][a-z0-9]+:|^:memory:/i.test(path),
  );
  const files = [...(isAbsolute(path) ? [path] : []), ...attached.map(({ path }) => resolve(path))];
  return files.filter((file) => !existsSync(file));
}
