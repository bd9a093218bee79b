import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { connect } from '../../duckdb/database.ts';
import { rules } from '../../llm/rules.ts';
import { createPool } from '../../source/pool.ts';
import { explaining } from '../../activities/outcome.ts';
import { ModelNotFound, ModelUnavailable } from '../../llm/model-error.ts';
import { ConfigurationError } from '../../memory/errors.ts';
import { makeProfile, query } from '../support/database.ts';
import { makeEnvironment } from '../support/lab.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';

const AS_OF = '2026-03-02T03:00:00.000Z';
const INPUT = { asOf: AS_OF, dryRun: false, limits: {} };
const ROLE = 'advised';
const WHERE = /profiles\.yml: biological_memory\.outputs\.test\.pipeline\.source/;

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await openPostgres();
  await postgres.pool.query(`create role ${ROLE} login password 'advised1password'`);
});
afterAll(async () => {
  await postgres.pool.query(`drop owned by ${ROLE}; drop role ${ROLE}`);
  await postgres.drop();
});
beforeEach(async () => {
  await postgres.pool.query(`
    drop schema if exists dreams cascade; drop table if exists public.memories;
    create table public.memories (id text primary key, content text not null, context text, tags text[], metadata jsonb,
      created_at timestamptz not null, updated_at timestamptz);
    insert into public.memories values ('a', 'We met in Halifax.', null, '{x}', '{"agent": "ada"}', '2026-03-01', '2026-03-01')`);
});

/** Activities on the real table, as the role if one is named, and what they report. */
async function openActivities(source: Record<string, unknown> = {}, role?: string) {
  const url = new URL(postgres.url);
  if (role !== undefined) Object.assign(url, { username: role, password: 'advised1password' });
  const attach = [{ path: url.href, alias: 'source_memories', type: 'postgres', read_only: true }];
  const profile = makeProfile({ extensions: ['postgres_scanner'], attach, pipeline: { source } });
  const lines: string[] = [];
  const report = (line: string) => void lines.push(line);
  const database = await connect(profile, report);
  const pool = createPool({ address: () => url.href, threads: 2, report });
  onTestFinished(async () => {
    database.close();
    await pool.end();
  });
  return {
    lines,
    database,
    activities: createActivities({
      profile,
      database,
      postgres: pool,
      reader: rules,
      embedder: null,
      report,
      recallFile: null,
      rewrite: null,
    }),
  };
}

type Activity = 'ingestMemories' | 'writeBackDreams';
type Opened = Awaited<ReturnType<typeof openActivities>>;

async function failureOf({ activities }: Opened, name: Activity): Promise<Error> {
  const failure = await makeEnvironment()
    .run(activities[name], INPUT)
    .then(
      () => expect.unreachable('it did not fail'),
      (error: unknown) => error as Error,
    );
  // Everything of it goes into Temporal's history.
  const kept = `${failure.message}${String(failure.stack)}${String(failure.cause)}`;
  expect(kept).not.toMatch(/owl|sleeps|advised1password/);
  return failure;
}

describe('a permanent failure says what to do:', () => {
  test('a table that is not there: its place in the profile, told once', async () => {
    const opened = await openActivities({ table: 'memries' });
    const failure = await failureOf(opened, 'ingestMemories');
    expect(failure.name).toBe('ConfigurationError');
    expect(failure.message).toMatch(WHERE);
    expect(failure.message).toContain('memries');
  });

  test('a table that may not be read: the grant', async () => {
    await postgres.pool.query(`revoke all on public.memories from ${ROLE}`);
    const failure = await failureOf(await openActivities({}, ROLE), 'ingestMemories');
    expect(failure).toMatchObject({ name: 'PermanentFailure' });
    expect(failure.message).toContain('run: grant select on public.memories to <role> (');
  });

  test('a schema dreams that may not be made, used or written to: each time the grant that is missing', async () => {
    await postgres.pool.query(`grant select on public.memories to ${ROLE}`);
    const opened = await openActivities({}, ROLE);
    const refusal = async () => (await failureOf(opened, 'writeBackDreams')).message;
    expect(await refusal()).toMatch(/run: grant create on database test_\w+ to <role> \(permission denied/);
    await makeEnvironment().run((await openActivities()).activities.writeBackDreams, INPUT);
    expect(await refusal()).toMatch(/run: grant usage, create on schema dreams to <role> \(permission denied/);
    await postgres.pool.query(`grant usage, create on schema dreams to ${ROLE}`);
    expect(await refusal()).toMatch(
      /run: grant select, insert, update, delete on all tables in schema dreams to <role>/,
    );
    await postgres.pool.query(`grant select, insert, update, delete on all tables in schema dreams to ${ROLE}`);
    expect(await makeEnvironment().run(opened.activities.writeBackDreams, INPUT)).toMatchObject({
      rows: expect.any(Number),
    });
  });

  test('a schema dreams that somebody changed', async () => {
    const opened = await openActivities();
    await postgres.pool.query('create schema dreams; create table dreams.working_memory (something int)');
    const failure = await failureOf(opened, 'writeBackDreams');
    expect(failure).toMatchObject({ name: 'PermanentFailure' });
    expect(failure.message).toMatch(
      /^Schema dreams is not as this program makes it.* Rename the schema.* \(column .* does not exist\)$/,
    );
  });

  test('a foreign key that keeps what is gone', async () => {
    const opened = await openActivities();
    await makeEnvironment().run(opened.activities.writeBackDreams, { ...INPUT, asOf: '2026-03-01T03:00:00.000Z' });
    await postgres.pool.query(`
      insert into dreams.short_term_episodes (target, episode_id, agent, social_context, spatial_context, started_at, ended_at,
        memory_ids, as_of) values ('test', 'gone', 'ada', '{}', '{}', now(), now(), '{}', now());
      create table public.mine (target text, episode_id text, foreign key (target, episode_id) references dreams.short_term_episodes);
      insert into public.mine values ('test', 'gone')`);
    onTestFinished(async () => {
      await postgres.pool.query('drop table public.mine');
    });
    const failure = await failureOf(opened, 'writeBackDreams');
    expect(failure).toMatchObject({ name: 'PermanentFailure' });
    expect(failure.message).toMatch(/^A foreign key in another table .* on delete cascade/);
  });

  test('a wrong password', async () => {
    const opened = await openActivities({}, ROLE);
    await postgres.pool.query(`alter role ${ROLE} password 'advised2password'`);
    try {
      const failure = await failureOf(opened, 'writeBackDreams');
      expect(failure).toMatchObject({ name: 'PermanentFailure' });
      expect(failure.message).toMatch(
        /refuses the login\. Mend user, password or address of attachment source_memories.*POSTGRES_DB_URL/,
      );
    } finally {
      await postgres.pool.query(`alter role ${ROLE} password 'advised1password'`);
    }
  });
});

test('a passing failure is told with the attempt that follows, and after how long; the last one says that it was', async () => {
  await postgres.pool.query(`alter database ${new URL(postgres.url).pathname.slice(1)} set lock_timeout = '50ms'`);
  const { activities, lines } = await openActivities();
  const retryPolicy = { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000, maximumAttempts: 12 };
  const holder = await postgres.pool.connect();
  try {
    await holder.query('begin; lock table public.memories in access exclusive mode');
    for (const attempt of [1, 3, 8, 12]) {
      const environment = makeEnvironment({ activityType: 'ingestMemories', attempt, retryPolicy });
      const failing = environment.run(activities.ingestMemories, INPUT);
      await expect(failing).rejects.toMatchObject({ name: 'PassingFailure' });
    }
  } finally {
    await holder.query('rollback');
    holder.release();
    await postgres.pool.query(`alter database ${new URL(postgres.url).pathname.slice(1)} reset lock_timeout`);
  }
  const why = 'canceling statement due to lock timeout';
  expect(lines.map((line) => line.replace(/: [^:]+: (?=canceling)/, ': '))).toEqual([
    `ingestMemories is tried again in 1 s (attempt 2 of 12): ${why}`,
    `ingestMemories is tried again in 4 s (attempt 4 of 12): ${why}`,
    `ingestMemories is tried again in 30 s (attempt 9 of 12): ${why}`,
    `ingestMemories failed at its last attempt, the 12th: ${why}`,
  ]);
});

test('what a model or the configuration cannot do is passed on as it is', async () => {
  const { lines } = await openActivities();
  const retryPolicy = { nonRetryableErrorTypes: ['ModelNotFound', 'ConfigurationError'] };
  const teller = { profile: makeProfile(), report: (line: string) => void lines.push(line) };
  for (const error of [
    new ModelUnavailable('busy'),
    new ModelNotFound('http://x', 'm'),
    new ConfigurationError('wrong'),
  ]) {
    const failing = makeEnvironment({ retryPolicy }).run(() => explaining(teller, () => Promise.reject(error)));
    await expect(failing).rejects.toBe(error);
  }
  const said = ['is being tried again (attempt 2): busy', 'failed: Ollama at http://x has no model m', 'failed: wrong'];
  expect(lines.map((line, index) => line.includes(said[index] ?? '?'))).toEqual([true, true, true]);
});

test('a column whose type is changed while the worker runs is read as what it is now', async () => {
  await postgres.pool.query('alter table public.memories alter id type int using 1');
  const { activities, database } = await openActivities();
  await makeEnvironment().run(activities.ingestMemories, INPUT);
  await postgres.pool.query(
    `alter table public.memories alter id type text using 'abcd'; update public.memories set updated_at = '2026-03-02'`,
  );
  await makeEnvironment().run(activities.ingestMemories, { ...INPUT, asOf: '2026-03-03T03:00:00.000Z' });
  const ids = await query(database, 'select memory_id from raw_memory order by 1');
  // DuckDB would read the four letters as 1633837924.
  expect(ids.map(({ memory_id }) => memory_id)).toEqual(['1', 'abcd']);
});
