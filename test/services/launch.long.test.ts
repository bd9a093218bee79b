import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { ServiceError } from '../../memory/errors.ts';
import { startTemporal } from '../../services/temporal.ts';
import { findTemporal } from '../../services/temporal-binary.ts';
import { freshWorkspace, plainEnv, start, stateOf } from './support.ts';

let real: string;
beforeAll(async () => {
  real = (await findTemporal({ env: plainEnv, report: () => undefined })).path;
});

/** The first of some ports that no other test takes at the same time. */
const OWN = 31_000 + (process.pid % 400) * 4;

const PANIC = [
  'panic: runtime error: invalid memory address or nil pointer dereference',
  'goroutine 1 [running]:',
  ...Array.from({ length: 30 }, (_, line) => `go.temporal.io/server/common/persistence/sql.(*Store).Open(0x${line})`),
];

/** A Temporal CLI that runs `lines` of shell before each start of the server: `$port` is the one that it was given. */
async function programBefore(workspace: string, lines: readonly string[]): Promise<string> {
  const file = path.join(workspace, 'program');
  const script = [
    '#!/bin/sh',
    `cd '${workspace}'`,
    'if [ "$1" = server ]; then',
    'port=$(printf "%s\\n" "$@" | sed -n "/^--port$/{n;p;}")',
    ...lines,
    'fi',
    `exec '${real}' "$@"`,
  ];
  await writeFile(file, `${script.join('\n')}\n`);
  await chmod(file, 0o755);
  return file;
}

async function startWith(workspace: string, program: string, lines: string[] = []) {
  const env = { ...plainEnv, TEMPORAL_CLI_PATH: program };
  return startTemporal({ workspace, env, outlive: true, report: (line) => void lines.push(line) });
}

/** Somebody who listens on a port until the test has finished. */
async function occupy(port: number): Promise<void> {
  const server = net.createServer().listen({ port, host: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
}

test(
  'a Temporal server that takes the port between the asking and the binding is not mistaken for ours',
  { timeout: 120_000 },
  async () => {
    const workspace = await freshWorkspace();
    const program = await programBefore(workspace, [
      'if [ ! -e foreign ]; then',
      'echo "$port" > foreign',
      `'${real}' server start-dev --headless --ip 127.0.0.1 --port "$port" > foreign.log 2>&1 &`,
      'echo $! > foreign.pid',
      'until grep -q Metrics foreign.log; do sleep 0.05; done',
      'fi',
    ]);
    onTestFinished(async () => {
      process.kill(Number(await readFile(path.join(workspace, 'foreign.pid'), 'utf8')), 'SIGKILL');
    });
    const said: string[] = [];
    const { ports } = await startWith(workspace, program, said);
    const taken = Number(await readFile(path.join(workspace, 'foreign'), 'utf8'));
    expect(ports['grpc']).not.toBe(taken);
    expect(said).toEqual([expect.stringContaining('starting the dev server')]);
    expect(await readFile(path.join(workspace, 'temporal', 'temporal.log.previous'), 'utf8')).toContain(
      `127.0.0.1:${taken}: bind: address already in use`,
    );
    expect(await namespacesAt(taken)).not.toContain('biological-memory-dev');
    expect(await namespacesAt(ports['grpc'] ?? 0)).toContain('biological-memory-dev');
  },
);

async function namespacesAt(port: number): Promise<(string | null | undefined)[]> {
  const connection = await Connection.connect({ address: `127.0.0.1:${port}` });
  try {
    const { namespaces } = await connection.workflowService.listNamespaces({});
    return namespaces.map(({ namespaceInfo }) => namespaceInfo?.name);
  } finally {
    await connection.close();
  }
}

test('a panic at a port that is taken is tried again, its histories stay, and its stack is not told', async () => {
  const workspace = await freshWorkspace();
  const program = await programBefore(workspace, [
    'if [ ! -e once ]; then touch once',
    'echo "Failed to start gRPC listener error=\\"listen tcp 127.0.0.1:40404: bind: address already in use\\""',
    ...PANIC.map((line) => `echo '${line}'`),
    'exit 2',
    'fi',
  ]);
  const said: string[] = [];
  await startWith(workspace, program, said);
  expect(said).toEqual([expect.stringContaining('starting the dev server')]);
  expect(await readFile(path.join(workspace, 'temporal', 'temporal.log.previous'), 'utf8')).toContain(PANIC.at(-1));
});

test('a server that does not start is told in one sentence that names its log, where the stack is', async () => {
  const workspace = await freshWorkspace();
  const program = await programBefore(workspace, [...PANIC.map((line) => `echo '${line}'`), 'exit 2']);
  const error = await startWith(workspace, program).catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ServiceError);
  const log = path.join(workspace, 'temporal', 'temporal.log');
  expect((error as Error).message).toBe(
    'The Temporal dev server did not start: it ended with exit code 2 ' +
      `(runtime error: invalid memory address or nil pointer dereference); its log is ${log}.`,
  );
  expect((await readFile(log, 'utf8')).trim().split('\n')).toEqual(PANIC);
});

test(
  'both servers have the ports of the last start again, also after a kill -9; where somebody has them now, others, and they say so',
  { timeout: 120_000 },
  async () => {
    const workspace = await freshWorkspace();
    // Far from the usual ones, which other tests' servers may take as soon as these are stopped.
    const ports = { temporal: { grpc: OWN, ui: OWN + 1 }, postgres: { sql: OWN + 2 } };
    await writeFile(path.join(workspace, 'services.json'), JSON.stringify({ format: 1, ports }));
    const first = await start(workspace);
    expect((await stateOf(workspace)).ports).toEqual(ports);
    await first.stop();
    const second = await start(workspace);
    expect([second.temporal.address, second.temporal.ui]).toEqual([first.temporal.address, first.temporal.ui]);
    expect(second.postgres.url).toBe(first.postgres.url);

    const { temporal, postgres } = await stateOf(workspace);
    for (const entry of [temporal, postgres]) process.kill(entry?.pid ?? 0, 'SIGKILL');
    const third = await start(workspace);
    expect([third.temporal.address, third.postgres.url]).toEqual([first.temporal.address, first.postgres.url]);
    await third.stop();

    await occupy(ports.temporal.grpc);
    await occupy(ports.postgres.sql);
    const said: string[] = [];
    await start(workspace, said);
    const moved = (await stateOf(workspace)).ports;
    expect(moved?.temporal?.['ui']).toBe(ports.temporal.ui);
    expect(said.filter((line) => line.includes('is taken')).sort()).toEqual([
      `The Temporal dev server: port ${ports.temporal.grpc} is taken by now, using ${moved?.temporal?.['grpc']} instead`,
      `The embedded PostgreSQL: port ${ports.postgres.sql} is taken by now, using ${moved?.postgres?.['sql']} instead`,
    ]);
  },
);

test('four workspaces that start at once all come up, each on ports of its own', { timeout: 240_000 }, async () => {
  const workspaces = await Promise.all([1, 2, 3, 4].map(() => freshWorkspace()));
  await Promise.all(workspaces.map((workspace) => start(workspace)));
  const ports = (await Promise.all(workspaces.map(stateOf))).flatMap((state) => [
    ...Object.values(state.ports?.temporal ?? {}),
    ...Object.values(state.ports?.postgres ?? {}),
  ]);
  expect(new Set(ports).size).toBe(12);
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '49152');
  expect(Math.max(...ports)).toBeLessThan(Number.parseInt(range, 10));
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(5433);
});
