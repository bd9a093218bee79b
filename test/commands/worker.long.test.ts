import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMemories } from '../../source/memories.ts';
import { biomem } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { openPostgres, type TestPostgres } from '../support/postgres.ts';
import { shareServices } from '../support/services.ts';
import { startWorker, writeProfile } from '../support/worker.ts';

const ROLE = 'rotated';
const HOLD = fileURLToPath(new URL('../duckdb/hold-database.ts', import.meta.url));

let temporal: string;
let postgres: TestPostgres;

beforeAll(async () => {
  temporal = (await shareServices()).temporal.address;
  postgres = await openPostgres();
  const client = await postgres.pool.connect();
  try {
    await createMemories(client);
    const { rows } = await client.query<{ name: string }>('select current_database() as name');
    await client.query(
      `create role ${ROLE} login password 'first'; grant create on database ${rows[0]?.name ?? ''} to ${ROLE}`,
    );
    await client.query(`grant select on public.memories to ${ROLE}`);
  } finally {
    client.release();
  }
});
afterAll(async () => {
  await postgres.pool.query(`drop schema if exists dreams cascade; drop owned by ${ROLE}; drop role ${ROLE}`);
  await postgres.drop();
});
beforeEach(async () => {
  await postgres.pool.query(
    `drop schema if exists dreams cascade; delete from public.memories; alter role ${ROLE} password 'first'`,
  );
});

/** The address of the role; `password` null leaves it out. */
function address(password: string | null): string {
  const url = new URL(postgres.url);
  url.username = ROLE;
  url.password = password ?? '';
  return url.href;
}

async function remember(id: string, at: string): Promise<void> {
  await postgres.pool.query(
    `insert into public.memories (id, content, created_at, updated_at) values ($1, $2, $3, $3)`,
    [id, 'Ada moved the launch to Tuesday.', at],
  );
}

async function written(): Promise<number> {
  const { rows } = await postgres.pool.query<{ n: number }>('select count(*)::int as n from dreams.long_term_memories');
  return rows[0]?.n ?? 0;
}

test('serves the namespace that is named, and no other target’s worker beside it', { timeout: 120_000 }, async () => {
  const [folder, other] = [makeFolder(), makeFolder()];
  writeProfile(folder, 'one', postgres.url);
  writeProfile(other, 'two', postgres.url);
  const namespace = `team.${randomUUID().slice(0, 8)}`;
  const env = { TEMPORAL_NAMESPACE: namespace };
  const worker = await startWorker(folder, 'one', env, temporal);
  expect(worker.said).toContain(`worker: made the namespace ${namespace} (TEMPORAL_NAMESPACE), which was not there`);
  expect(worker.said.at(-1)).toMatch(
    `worker: serves namespace ${namespace} (TEMPORAL_NAMESPACE) at ${temporal}, owns `,
  );
  expect(await worker.cycle('2026-03-03T03:00:00Z')).toMatchObject({ status: 'done', namespace });

  const options = { workspace: join(other, 'workspace'), env: { ...env, TEMPORAL_ADDRESS: temporal } };
  const rival = await biomem(['worker', '--profiles-dir', other], options);
  expect(rival).toMatchObject({ code: 2, stdout: '' });
  expect(rival.stderr).toMatch(
    new RegExp(
      `another target's worker serves namespace ${namespace} \\(TEMPORAL_NAMESPACE\\): one \\d+@.*pipeline.temporal.namespace`,
    ),
  );
});

const MEMORIES = ['018f0000-0000-7000-8000-000000000001', '018f0000-0000-7000-8000-000000000002'] as const;

test.each([
  {
    way: 'the file of POSTGRES_DB_URL_FILE, in a hardened target',
    target: 'prod',
    prepare: (folder: string, password: string) => writeFileSync(join(folder, 'url'), `${address(password)}\n`),
    path: () => `{{ env_var('POSTGRES_DB_URL') }}`,
    env: (folder: string) => ({ POSTGRES_DB_URL_FILE: join(folder, 'url') }),
  },
  {
    way: 'PGPASSFILE, with a service file for the rest',
    target: 'served',
    prepare: (folder: string, password: string) => {
      const { hostname, port, pathname } = new URL(postgres.url);
      const database = pathname.slice(1);
      writeFileSync(
        join(folder, 'services'),
        `[agents]\nhost=${hostname}\nport=${port}\ndbname=${database}\nuser=${ROLE}\n`,
      );
      writeFileSync(join(folder, 'passwords'), `${hostname}:${port}:*:${ROLE}:${password}\n`, { mode: 0o600 });
    },
    path: () => 'service=agents',
    env: (folder: string) => ({
      PGSERVICEFILE: join(folder, 'services'),
      PGPASSFILE: join(folder, 'passwords'),
      POSTGRES_DB_URL: 'service=agents',
    }),
  },
  {
    way: 'profiles.yml itself',
    target: 'edited',
    prepare: (folder: string, password: string) => writeProfile(folder, 'edited', address(password)),
    path: () => null,
    env: () => ({ POSTGRES_DB_URL: postgres.url }),
  },
])(
  'a password that changes in $way is used by the next cycle, to read and to write back',
  { timeout: 180_000 },
  async (given) => {
    const folder = makeFolder();
    const path = given.path();
    if (path !== null) writeProfile(folder, given.target, path);
    given.prepare(folder, 'first');
    const worker = await startWorker(folder, given.target, given.env(folder), temporal);
    await remember(MEMORIES[0], '2026-03-01T10:00:00Z');
    expect((await worker.cycle('2026-03-02T03:00:00Z')).stages[0]?.counts).toMatchObject({ ingested: 1 });
    expect(await written()).toBe(1);

    given.prepare(folder, 'second');
    await postgres.pool.query(`alter role ${ROLE} password 'second'`);
    await postgres.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [ROLE]);
    await remember(MEMORIES[1], '2026-03-02T10:00:00Z');
    const cycle = await worker.cycle('2026-03-03T03:00:00Z');
    expect(cycle.stages.map(({ status }) => status)).toEqual(cycle.stages.map(() => 'done'));
    expect(cycle.stages[0]?.counts).toMatchObject({ ingested: 1 });
    expect(await written()).toBe(2);
    expect(worker.said.join('\n')).not.toMatch(/first|second/);
  },
);

test(
  'with keep_open: false another process has the file between two cycles, and no second worker does',
  { timeout: 180_000 },
  async () => {
    const folder = makeFolder();
    writeProfile(folder, 'shared', postgres.url, { keep_open: false });
    const worker = await startWorker(folder, 'shared', { POSTGRES_DB_URL: postgres.url }, temporal);
    await remember(MEMORIES[0], '2026-03-01T10:00:00Z');
    expect((await worker.cycle('2026-03-02T03:00:00Z')).status).toBe('done');

    const file = join(folder, 'data', 'state.duckdb');
    const open = () =>
      execa('node', ['--import', 'tsx', HOLD, file], { reject: false, timeout: 20_000, killSignal: 'SIGKILL' });
    await expect
      .poll(
        async () => {
          const other = open();
          const outcome = await Promise.race([
            once(other.stdout, 'data').then(() => 'it has the file'),
            other.then(({ stderr }) => stderr),
          ]);
          other.kill('SIGKILL');
          await other;
          return outcome;
        },
        { timeout: 30_000, interval: 500 },
      )
      .toBe('it has the file');
    for (const workspace of ['workspace', 'another'])
      expect(await worker.second(workspace), workspace).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/belongs to another worker: pid \d+/),
      });

    await remember(MEMORIES[1], '2026-03-02T10:00:00Z');
    expect((await worker.cycle('2026-03-03T03:00:00Z')).stages[0]?.counts).toMatchObject({ ingested: 1 });
    expect(await written()).toBe(2);
  },
);

test('up says in its last line why the worker did not start, though the reason has several lines', async () => {
  const folder = makeFolder();
  writeProfile(folder, 'broken', 'postgresql://ada:owl9barn@127.0.0.1:1/minds');
  const options = {
    workspace: join(folder, 'workspace'),
    env: { POSTGRES_DB_URL: postgres.url, TEMPORAL_ADDRESS: temporal },
  };
  const { code, stderr } = await biomem(['up', '--target', 'broken', '--profiles-dir', folder], options);
  expect(code).toBe(1);
  expect(stderr.split('\n').at(-1)).toMatch(
    /^biomem: the worker did not start: exit 1: attachment source_memories .*Connection refused/,
  );
  expect(stderr).not.toContain('owl9barn');
});

test.each(['worker', 'up'])(
  'a profile that does not fit the agents table ends biomem %s at its start: exit 2, said once',
  async (command) => {
    const folder = makeFolder();
    writeProfile(folder, 'misfit', postgres.url, {
      pipeline: { source: { columns: { tags: 'labels', context: null } } },
    });
    const options = {
      workspace: join(folder, 'workspace'),
      env: { POSTGRES_DB_URL: postgres.url, TEMPORAL_ADDRESS: temporal },
    };
    const { code, stderr } = await biomem([command, '--target', 'misfit', '--profiles-dir', folder], options);
    expect(code).toBe(2);
    expect(stderr.split('\n').filter((line) => line.includes('labels'))).toEqual([
      `biomem: ${folder}/profiles.yml: biological_memory.outputs.misfit.pipeline.source.columns.tags: public.memories has no column ` +
        '"labels". Write tags: null if there is none. The table has id, content, context, tags, metadata, created_at, updated_at.',
    ]);
  },
);
