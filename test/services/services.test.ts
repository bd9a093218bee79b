import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { execa } from 'execa';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { identify } from '../../services/process.ts';
import { describeServices, startServices, stopServices, type Services } from '../../services/services.ts';
import { clear, freshWorkspace, listeningAddresses, makeWorkspace, plainEnv, start, stateOf } from './support.ts';

describe('started services', () => {
  let workspace: string;
  let services: Services;
  const lines: string[] = [];

  beforeAll(async () => {
    workspace = await makeWorkspace();
    services = await start(workspace, lines);
  }, 120_000);
  afterAll(() => clear(workspace), 60_000);

  test('are both new and answer with their versions', () => {
    expect(services.temporal).toMatchObject({ started: true, version: expect.stringMatching(/^1\.\d+/) as string });
    expect(services.postgres).toMatchObject({ started: true, version: expect.stringMatching(/^18\./) as string });
    expect(services.ollama).toBeNull();
  });

  test('PostgreSQL has the database memories in UTF8, UTC and the C.UTF-8 locale', async () => {
    const client = new Client({ connectionString: services.postgres.url });
    await client.connect();
    try {
      const { rows } = await client.query<Record<string, string>>(
        `select current_database() as database, pg_encoding_to_char(encoding) as encoding, datlocale as locale,
          current_setting('timezone') as timezone from pg_database where datname = current_database()`,
      );
      expect(rows).toEqual([{ database: 'memories', encoding: 'UTF8', locale: 'C.UTF-8', timezone: 'UTC' }]);
    } finally {
      await client.end();
    }
  });

  test('PostgreSQL refuses a wrong password', async () => {
    const url = new URL(services.postgres.url);
    url.password = 'wrong';
    await expect(new Client({ connectionString: url.href }).connect()).rejects.toThrow(
      'password authentication failed',
    );
  });

  test.each([
    ['biological-memory-dev', 7],
    ['biological-memory-test', 1],
    ['biological-memory-prod', 90],
  ])(
    'Temporal has the namespace %s, which keeps workflows %i days, with our search attributes',
    async (namespace, days) => {
      const connection = await Connection.connect({ address: services.temporal.address });
      try {
        const { config } = await connection.workflowService.describeNamespace({ namespace });
        expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(days * 86_400);
        const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
        // 2 Keyword, 3 Int, 5 Bool in Temporal's IndexedValueType.
        expect(customAttributes).toMatchObject({ MemoryStage: 2, MemoryCycle: 2, MemoryDryRun: 5 });
      } finally {
        await connection.close();
      }
    },
  );

  test('the Web UI is there', async () => {
    const response = await fetch(services.temporal.ui ?? '');
    expect(await response.text()).toContain('<html');
  });

  test.runIf(process.platform === 'linux')('listen on 127.0.0.1 only', async () => {
    const { temporal, postgres } = await stateOf(workspace);
    const loopback = new Set(['0100007F']);
    expect(await listeningAddresses(temporal?.pid ?? 0)).toEqual(loopback);
    expect(await listeningAddresses(postgres?.pid ?? 0)).toEqual(loopback);
  });

  test('are each in a process group of their own, so that Ctrl-C does not reach them', async () => {
    const { temporal, postgres } = await stateOf(workspace);
    for (const pid of [temporal?.pid, postgres?.pid]) {
      expect(Number((await execa('ps', ['-o', 'pgid=', '-p', `${pid}`])).stdout)).toBe(pid);
    }
  });

  test('the password is in one file of mode 0600, and neither in the state, the logs nor the progress', async () => {
    const file = path.join(workspace, 'postgres', 'password');
    const password = (await readFile(file, 'utf8')).trim();
    expect(password.length).toBeGreaterThanOrEqual(32);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.join(workspace, 'services.json'))).mode & 0o777).toBe(0o600);
    const texts = [path.join(workspace, 'services.json'), path.join(workspace, 'postgres', 'postgres.log')];
    for (const text of texts) expect(await readFile(text, 'utf8')).not.toContain(password);
    expect(lines.join('\n')).not.toContain(password);
    const status = await describeServices({ workspace, env: plainEnv, target: 'dev', report: () => undefined });
    expect(JSON.stringify(status)).not.toContain(password);
    expect(status.postgres).toMatchObject({ state: 'running', address: expect.stringContaining(':*****@') as string });
  });

  test('are used as they are by a second start, whose stop leaves them alone', async () => {
    const second = await start(workspace);
    expect(second.postgres).toEqual({ ...services.postgres, started: false });
    expect(second.temporal).toEqual({ ...services.temporal, started: false });
    await second.stop();
    expect((await start(workspace)).postgres.started).toBe(false);
  });

  test('both are used when they are configured, and a stop leaves them alone', async () => {
    const elsewhere = await freshWorkspace();
    const env = { ...plainEnv, TEMPORAL_ADDRESS: services.temporal.address, TEST_DATABASE_URL: services.postgres.url };
    const configured = await startServices({ workspace: elsewhere, env, target: 'test', report: () => undefined });
    expect(configured.temporal).toEqual({ ...services.temporal, ui: null, started: false });
    expect(configured.postgres).toEqual({ ...services.postgres, started: false });
    await configured.stop();
    expect(await readdir(elsewhere)).toEqual([]);
    expect((await start(workspace)).temporal.started).toBe(false);
  });

  test('are started again after a kill -9 of both, with the data they had', { timeout: 30_000 }, async () => {
    await query(services.postgres.url, 'create table kept as select 42 as answer');
    const before = await stateOf(workspace);
    for (const entry of [before.temporal, before.postgres]) process.kill(entry?.pid ?? 0, 'SIGKILL');
    services = await start(workspace);
    expect([services.temporal.started, services.postgres.started]).toEqual([true, true]);
    expect(await query(services.postgres.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  });

  test('servers that no state file knows are ended before new ones are started', { timeout: 30_000 }, async () => {
    const before = await stateOf(workspace);
    await writeFile(path.join(workspace, 'services.json'), '{"format": 1, "temporal": {"pi');
    const said: string[] = [];
    services = await start(workspace, said);
    expect(said[0]).toMatch(/^The state file .*services\.json is damaged/);
    expect(said.filter((line) => line.includes('left behind'))).toHaveLength(2);
    expect(services.postgres.started).toBe(true);
    for (const entry of [before.temporal, before.postgres]) {
      expect(await identify(entry?.pid ?? 0)).not.toBe(entry?.identity);
    }
  });

  test('stop ends both cleanly, and a status says so', { timeout: 30_000 }, async () => {
    const { temporal, postgres } = await stateOf(workspace);
    await services.stop();
    await services.stop();
    expect([await identify(temporal?.pid ?? 0), await identify(postgres?.pid ?? 0)]).toEqual([undefined, undefined]);
    expect(await readFile(path.join(workspace, 'postgres', 'postgres.log'), 'utf8')).toContain(
      'database system is shut down',
    );
    expect(await stateOf(workspace)).toEqual({
      format: 1,
      ports: { temporal: temporal?.ports, postgres: postgres?.ports },
    });
    const status = await describeServices({ workspace, env: plainEnv, target: 'dev', report: () => undefined });
    expect([status.temporal.state, status.postgres.state]).toEqual(['stopped', 'stopped']);
    expect(await stopServices({ workspace, report: () => undefined })).toEqual([]);
  });

  test('an old PostgreSQL pid that now belongs to another program does not block a start', async () => {
    const data = path.join(workspace, 'postgres', 'data');
    const { uid, gid } = await stat(data);
    // By the data's owner, for PostgreSQL disregards other users' processes.
    const other = execa('sleep', ['600'], { reject: false, ...(process.getuid?.() === 0 && { uid, gid }) });
    onTestFinished(() => void other.kill('SIGKILL'));
    await writeFile(path.join(data, 'postmaster.pid'), `${other.pid}\n${data}\n1700000000\n5432\n\n127.0.0.1\n`);
    services = await start(workspace);
    expect(await query(services.postgres.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await services.stop();
  });

  test(
    'a half-finished data folder and a database that is none do not block a start',
    { timeout: 30_000 },
    async () => {
      await mkdir(path.join(workspace, 'postgres', 'data.partial-0123'), { recursive: true });
      await writeFile(path.join(workspace, 'temporal', 'temporal.db'), '');
      const said: string[] = [];
      services = await start(workspace, said);
      expect(said.join('\n')).toContain('temporal.db.unusable, starting with an empty one');
      expect(await readdir(path.join(workspace, 'postgres'))).not.toContain('data.partial-0123');
      expect(await query(services.postgres.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    },
  );
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
