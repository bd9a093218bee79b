import type { Command } from 'commander';
import type { LlmDatabase } from '../llm-sql/database.ts';
import type { Miss, SqlMeter } from '../llm-sql/meter.ts';
import { ConfigurationError, ServiceError } from '../memory/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Value } from '../profiles/value.ts';
import { createContext, type Context, type SharedOptions } from '../program/context.ts';
import { print, withSharedOptions } from './options.ts';
import { openModels } from '../program/models.ts';
import { interrupted, InterruptedError } from '../program/interruption.ts';

const HELP = `
Functions that ask Ollama, or for llm_embed the model of pipeline.llm.embed; "options" is a struct such as {'temperature': 0.5, 'num_predict': 100}:
  llm_generate(prompt [, options])               a text
  llm_generate_json(prompt, schema [, options])  JSON that fits the JSON Schema
  llm_embed(text)                                a vector, FLOAT[]

Example:
  biomem sql "select fate, count(*) from fate group by fate"
  biomem sql "select llm_generate('In five words: ' || content) from memory limit 3"`;

/** `biomem sql`: one statement on the profile's database. */
export function addSql(program: Command): void {
  withSharedOptions(program.command('sql'))
    .description(
      "run a statement on the profile's DuckDB database, where llm_generate(), llm_generate_json() and llm_embed() are functions",
    )
    .argument('<query>', 'one statement; what it changes stays')
    .addHelpText('after', HELP)
    .showHelpAfterError('(The statement is one argument: put it in quotes, as in biomem sql "select 1".)')
    .action(async (query: string, options: SharedOptions) => {
      if (query.trim() === '') throw new ConfigurationError('sql: expected a statement, got an empty text');
      const context = createContext(options);
      const profile = await readProfile(context);
      const controller = new AbortController();
      const database = await openDatabase(context, profile, controller.signal);
      try {
        await answer(context, profile, database, { query, controller });
      } finally {
        database.close();
      }
    });
}

async function openDatabase(context: Context, profile: Profile, signal: AbortSignal): Promise<LlmDatabase> {
  const [{ existsSync }, { DatabaseHeldError }, { connectWithLlm }] = await Promise.all([
    import('node:fs'),
    import('../duckdb/database.ts'),
    import('../llm-sql/database.ts'),
  ]);
  if (profile.path === ':memory:') context.report(`sql: target ${context.target} is in memory: it starts empty`);
  else if (!existsSync(profile.path)) context.report(`sql: ${profile.path} is new`);
  try {
    return await connectWithLlm(
      profile,
      context.report,
      await openModels(context, profile, { command: 'sql', signal }),
    );
  } catch (error) {
    if (!(error instanceof DatabaseHeldError)) throw error;
    throw new ServiceError(
      `${error.message} Ask again when it has ended, or let it have the file only while it works (keep_open: false).`,
    );
  }
}

/** A question about what was remembered needs no PostgreSQL: where none runs, its attachments are left out. */
async function readProfile(context: Context): Promise<Profile> {
  const { findPostgresUrl } = await import('../services/postgres-url.ts');
  const url = await findPostgresUrl(context);
  const profile = context.profile({ postgres: { url: url ?? 'postgresql://127.0.0.1/memories' } });
  if (url !== null) return profile;
  const { isPostgres } = await import('../profiles/sql.ts');
  const left = profile.attach.filter(isPostgres).map(({ alias }) => alias);
  if (left.length > 0)
    context.report(
      `sql: ${left.join(', ')} is not attached, because no PostgreSQL answers (biomem services up starts one)`,
    );
  return { ...profile, attach: profile.attach.filter((attachment) => !isPostgres(attachment)) };
}

interface Asked {
  readonly query: string;
  /** Ends the statement, and what is asked for it. */
  readonly controller: AbortController;
}

async function answer(context: Context, profile: Profile, database: LlmDatabase, asked: Asked): Promise<void> {
  const { query, controller } = asked;
  const [{ runStatement }, { passesOf }, { hideValues }] = await Promise.all([
    import('../llm-sql/statement.ts'),
    import('../llm-sql/passes.ts'),
    import('../profiles/credentials.ts'),
  ]);
  const result = await database.use(
    async (connection) => {
      void interrupted().then(() => {
        controller.abort(new InterruptedError('interrupted; the statement changed nothing'));
        connection.interrupt();
      });
      try {
        const read = await runStatement(connection, 'sql', query);
        for (const line of describeNulls(passesOf(connection)?.meter)) context.report(`sql: ${line}`);
        return read;
      } catch (error) {
        controller.signal.throwIfAborted();
        throw explain(error);
      } finally {
        describeUsage(context, passesOf(connection)?.meter);
      }
    },
    { signal: controller.signal },
  );
  const { printTable } = await import('../report/table.ts');
  const columns = result.deduplicatedColumnNames();
  // DuckDB tells where its databases are, passwords included. What the rows say otherwise is data, and left alone.
  const hide = hideValues(JSON.parse(JSON.stringify(profile)) as Value);
  const rows: unknown = JSON.parse(
    JSON.stringify(result.getRowObjectsJson(), (_, value: unknown) =>
      typeof value === 'string' ? hide(value) : value,
    ),
  );
  const shown = (text: string | undefined) => (text === undefined ? null : hide(text));
  const texts = () => result.getRows().map((row) => row.map((value) => shown(value?.toString())));
  print(context, { columns, rows }, () => printTable(columns, texts()));
}

/** DuckDB's own word for several statements does not say what to do, and names some that somebody wrote as one. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.includes('Cannot prepare multiple statements')) return error;
  return new ConfigurationError(
    'sql: expected one statement, got several: run biomem sql for each. (To DuckDB some are several: a PIVOT without IN, so name ' +
      'its columns, as in "pivot t on fate in (kept, gone) using count(*)"; and ADD COLUMN whose DEFAULT is computed, so add the ' +
      'column first, and fill it by UPDATE.)',
  );
}

function describeUsage({ report }: Context, meter: SqlMeter | undefined): void {
  if (meter === undefined) return;
  const { calls, embedCalls, cached, promptTokens, answerTokens } = meter.used;
  if (calls + embedCalls + cached === 0) return;
  const cuts = [...meter.cuts].map(
    ([tokens, answers]) =>
      `, ${count(answers, 'answer')} cut off at ${count(tokens, 'token')} (num_ctx, or the option num_predict)`,
  );
  report(
    `sql: ${count(calls + embedCalls, 'call')} to a model, ${count(cached, 'answer')} from the cache, ` +
      `${count(promptTokens + answerTokens, 'token')}${cuts.join('')}`,
  );
}

const MISSES: Record<Miss, readonly [one: string, many: string]> = {
  unfit: ['did not fit their schema and is NULL', 'did not fit their schema and are NULL'],
  empty: ['was empty or broken off and is NULL', 'were empty or broken off and are NULL'],
  'too long': ['had a prompt that is too long and is NULL', 'had prompts that are too long and are NULL'],
  refused: ['had a prompt that the server refuses and is NULL', 'had prompts that the server refuses and are NULL'],
};

/** What became NULL instead of failing, where the call said so. */
function describeNulls(meter: SqlMeter | undefined): string[] {
  return [...(meter?.nulls ?? [])].map(([why, { answers, first }]) => {
    const [one, many] = MISSES[why];
    const of = `${String(answers)} of ${count(meter?.nullable ?? 0, 'answer')}`;
    return `${of} ${answers === 1 ? one : many} (${answers === 1 ? '' : 'the first: '}${first})`;
  });
}

const count = (number: number, noun: string) => `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
