import { mkdtemp, readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { startServices, stopServices, type Services } from '../../services/services.ts';
import type { State } from '../../services/state.ts';

/** The present environment without what would configure a server. */
export const plainEnv: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_(?!CLI_PATH)|OLLAMA_|PG)/.test(name)),
  ),
  POSTGRES_DB_URL: '',
  TEST_DATABASE_URL: '',
  TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml',
};

/** An address on which nothing listens: the port is reserved. */
export const SILENT = '127.0.0.1:1';

export async function makeWorkspace(): Promise<string> {
  return realpath(await mkdtemp(path.join(os.tmpdir(), 'biological-memory-test-')));
}

/** A workspace for one test; its servers are stopped and its files removed when the test has finished. */
export async function freshWorkspace(): Promise<string> {
  const workspace = await makeWorkspace();
  onTestFinished(() => clear(workspace));
  return workspace;
}

export async function clear(workspace: string): Promise<void> {
  await stopServices({ workspace, report: () => undefined });
  await rm(workspace, { recursive: true, force: true });
}

export async function start(workspace: string, lines: string[] = []): Promise<Services> {
  return startServices({ workspace, env: plainEnv, target: 'dev', report: (line) => void lines.push(line) });
}

export async function stateOf(workspace: string): Promise<State> {
  return JSON.parse(await readFile(path.join(workspace, 'services.json'), 'utf8')) as State;
}

/** Another process that has started the services and waits to be killed. */
export async function startElsewhere(workspace: string): Promise<{ pid: number; kill(): Promise<void> }> {
  const script = fileURLToPath(new URL('./start-services.ts', import.meta.url));
  const child = execa('node', ['--import', 'tsx', script, workspace], {
    env: plainEnv,
    extendEnv: false,
    reject: false,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill('SIGKILL');
      await child;
    },
  };
}

/** The addresses on which a process listens, as /proc/net/tcp and tcp6 write them (Linux only). */
export async function listeningAddresses(pid: number): Promise<Set<string>> {
  const sockets = new Set<string>();
  for (const descriptor of await readdir(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    sockets.add(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
  }
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')));
  const rows = tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const ours = rows.filter((row) => row[3] === '0A' && sockets.has(row[9] ?? ''));
  return new Set(ours.map((row) => row[1]?.split(':')[0] ?? ''));
}
