import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Check } from '../../report/debug.ts';
import { biomem, biomemJson, type Outcome } from './biomem.ts';
import { makeFolder } from './database.ts';

/** The repository, whose profiles.yml is the one that is shipped. */
export const ROOT = new URL('../../', import.meta.url).pathname;

export interface Report {
  readonly ok: boolean;
  readonly targets: readonly { readonly target: string | null; readonly checks: readonly Check[] }[];
}

/** A folder with a profiles.yml of one output, and a workspace that is not there. */
export function makeProfile(output: Record<string, unknown>, target = 'dev'): { folder: string; workspace: string } {
  const folder = makeFolder();
  const document = { biological_memory: { target, outputs: { [target]: { type: 'duckdb', ...output } } } };
  // JSON is YAML.
  writeFileSync(join(folder, 'profiles.yml'), JSON.stringify(document));
  return { folder, workspace: join(folder, 'workspace') };
}

interface Found {
  readonly outcome: Outcome;
  readonly checks: readonly Check[];
  readonly failed: readonly Check[];
  /** The check whose name begins so. */
  readonly check: (name: string) => Check | undefined;
}

export async function debug(
  { folder, workspace }: { folder: string; workspace: string },
  env: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<Found> {
  const outcome = await biomem(['debug', '--profiles-dir', folder, '--json', ...args], { workspace, env });
  const report = JSON.parse(outcome.stdout) as Report;
  const checks = report.targets.flatMap((each) => each.checks);
  const errors = checks.filter(({ status }) => status === 'error');
  expect([report.ok, outcome.code]).toEqual(errors.length === 0 ? [true, 0] : [false, 1]);
  return { outcome, checks, failed: errors, check: (name) => checks.find((each) => each.name.startsWith(name)) };
}

/** `debug` fetches nothing: on a new machine it would skip what needs an extension of the repository's profile. */
export async function fetchExtensions(): Promise<void> {
  await biomemJson(['extensions', 'install', '--profiles-dir', ROOT]);
}

/** A server that takes connections and never answers. */
export async function openBlackHole(): Promise<number> {
  const server = createServer(() => undefined);
  return listen(server);
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
