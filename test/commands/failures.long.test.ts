import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import pg from 'pg';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { postgresUrl, startPostgres } from '../../services/postgres.ts';
import { postgresPaths } from '../../services/postgres-data.ts';
import { createMemories } from '../../source/memories.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { makeFolder } from '../support/database.ts';
import { openPostgres } from '../support/postgres.ts';
import { shareServices } from '../support/services.ts';
import { startWorker, writeProfile } from '../support/worker.ts';

const MEMORY = `Ada's "owl" sleeps at noon.`;

let temporal: string;
beforeAll(async () => {
  temporal = (await shareServices()).temporal.address;
});

async function writeMemory(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await createMemories(client);
  await client.query(
    `insert into public.memories (id, content, created_at, updated_at)
     values ('018f0000-0000-7000-8000-000000000001', $1, '2026-03-01', '2026-03-01')`,
    [MEMORY],
  );
  await client.end();
}

/** All that Temporal keeps of a cycle and its stages, as text. */
async function historyOf(namespace: string): Promise<string> {
  const connection = await Connection.connect({ address: temporal });
  const client = new Client({ connection, namespace });
  const kept = [];
  for await (const { workflowId, runId } of client.workflow.list())
    kept.push(await client.workflow.getHandle(workflowId, runId).fetchHistory());
  await connection.close();
  return JSON.stringify(kept);
}

test('a permanent failure ends the cycle at its first attempt, with what to do', async () => {
  const postgres = await openPostgres();
  onTestFinished(() => postgres.drop());
  await writeMemory(postgres.url);
  await postgres.pool.query('create schema dreams; create table dreams.working_memory (something int)');
  const folder = makeFolder();
  writeProfile(folder, 'faulty', postgres.url);
  const worker = await startWorker(folder, 'faulty', { POSTGRES_DB_URL: postgres.url }, temporal);

  const started = performance.now();
  const failed = await worker.run('cycle', 'run', '--as-of', '2026-03-02T03:00:00Z', '--json');
  expect(performance.now() - started).toBeLessThan(30_000);
  expect(failed).toMatchObject({ code: 1, stdout: '' });
  const said = /Schema dreams is not as this program makes it.*Rename the schema.*column .* does not exist/;
  expect(failed.stderr.trim().split('\n')).toEqual([expect.stringMatching(said)]);
  expect(worker.said.filter((line) => said.test(line))).toEqual([expect.stringMatching(/^writeBackDreams failed: /)]);

  const history = await historyOf('biological-memory-faulty');
  const attempts = [...history.matchAll(/"activityTaskStartedEventAttributes":\{[^}]*"attempt":(\d+)/g)];
  expect(new Set(attempts.map(([, attempt]) => attempt))).toEqual(new Set(['1']));
  expect(history.match(/"activityTaskFailedEventAttributes"/g)).toHaveLength(1);
  expect(history).toContain('PermanentFailure');
  expect(history).not.toMatch(/owl|sleeps/);
});

/** An address that stays while the server behind it is started again on whatever port. */
async function openDoor(target: () => number): Promise<number> {
  const door = createServer((socket) => {
    const inner = connect(target(), '127.0.0.1');
    for (const [one, other] of [
      [socket, inner],
      [inner, socket],
    ] as const) {
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  onTestFinished(() => void door.close());
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  return (door.address() as AddressInfo).port;
}

test(
  'PostgreSQL killed under a cycle is waited for, and told, by cycle run and by the worker',
  { timeout: 240_000 },
  async () => {
    const workspace = await makeWorkspace();
    onTestFinished(() => clear(workspace));
    const start = () => startPostgres({ workspace, outlive: false, report: () => undefined });
    let server = await start();
    const port = await openDoor(() => server.ports['sql'] ?? 0);
    const url = await postgresUrl(postgresPaths(workspace), port);
    await writeMemory(url);
    const folder = makeFolder();
    writeProfile(folder, 'shaky', url);
    const worker = await startWorker(folder, 'shaky', { POSTGRES_DB_URL: url }, temporal);
    process.kill(server.pid, 'SIGKILL');

    const cycle = worker.spawn('cycle', 'run', '--as-of', '2026-03-02T03:00:00Z', '--json');
    const told: string[] = [];
    const again =
      /^cycle: ingestMemories is (?:being tried again|tried again in \d+ s) \(attempt (\d+) of 12\): .*closed the connection/;
    const third = new Promise<void>((resolve) => {
      createInterface({ input: cycle.stderr }).on('line', (line) => {
        told.push(line);
        if (again.exec(line)?.[1] === '3') resolve();
      });
    });
    await Promise.race([third, cycle.then(() => expect.unreachable(told.join('\n')))]);
    server = await start();
    const { exitCode, stdout } = await cycle;
    expect({ exitCode, told }).toMatchObject({ exitCode: 0 });
    const report = JSON.parse(stdout) as { status: string; stages: { counts: Record<string, number> }[] };
    expect(report).toMatchObject({ status: 'done' });
    expect(report.stages[0]?.counts).toMatchObject({ ingested: 1 });
    // Each attempt once.
    const attempts = told.map((line) => again.exec(line)?.[1]);
    expect(attempts).toEqual([...new Set(attempts)]);
    const first = 'ingestMemories is tried again in 1 s (attempt 2 of 12): ';
    expect(worker.said.filter((line) => line.startsWith(first))).toHaveLength(1);
    expect([...told, ...worker.said].join('\n')).not.toContain(new URL(url).password);
  },
);
