import { realpath } from 'node:fs/promises';
import { messageOf } from '../memory/errors.ts';
import { redactAddress } from '../profiles/redact.ts';
import { configuredPostgres, type Configured, type Target } from './configured-postgres.ts';
import { configuredTemporal } from './configured.ts';
import { EMBEDDED, temporalAddress, temporalUi, type EmbeddedName } from './embedded.ts';
import { findOllama, type OllamaSearch, type OllamaServer } from './ollama.ts';
import { embeddedUrl, findPostgresUrl } from './postgres-url.ts';
import { describePsql, type Psql } from './psql.ts';
import { RefusalError } from './refusal.ts';
import { isOurs, readState, type State, type StateEntry } from './state.ts';

export interface DescribeOptions {
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  readonly target: Target;
  readonly report: (line: string) => void;
  /** The Ollama that is named; when not given it is not looked for. @throws ConfigurationError */
  readonly ollama?: OllamaSearch['named'];
}

export interface ServiceStatus {
  /** The variable or file that names it; null for the workspace's own. */
  readonly configuredBy: string | null;
  /** `silent`: it should run, or does, but gives no answer. `refusing`: it answers, and does not let us in. */
  readonly state: 'running' | 'silent' | 'refusing' | 'stopped';
  /** Without password. */
  readonly address: string | null;
  /** Temporal's Web UI, when it is the workspace's own. */
  readonly ui: string | null;
  readonly version: string | null;
  readonly pid: number | null;
  readonly startedAt: string | null;
  /** Why it is silent or refusing. */
  readonly reason: string | null;
}

export interface ServicesStatus {
  readonly workspace: string;
  readonly temporal: ServiceStatus;
  readonly postgres: ServiceStatus & {
    /** Null while the workspace's own does not run. */
    readonly connect: Psql | null;
  };
  /** Those that run, by target. */
  readonly workers: Readonly<Record<string, Pick<StateEntry, 'pid' | 'startedAt'>>>;
  readonly ollama: OllamaServer | null;
}

const STOPPED: ServiceStatus = {
  configuredBy: null,
  state: 'stopped',
  address: null,
  ui: null,
  version: null,
  pid: null,
  startedAt: null,
  reason: null,
};

/** What `startServices` would find now; changes nothing, holds no password. */
export async function describeServices({
  workspace,
  env,
  target,
  report,
  ollama: named,
}: DescribeOptions): Promise<ServicesStatus> {
  const place = await realpath(workspace).catch(() => workspace);
  const state = await readState(place, report);
  const [temporal, postgres, url, ollama, workers] = await Promise.all([
    describe('temporal', place, state, configuredTemporal(env)),
    describe('postgres', place, state, configuredPostgres(env, target)),
    // Its password file may be gone: what the server says to that is its state.
    findPostgresUrl({ workspace, env, target, report: () => undefined }).catch(() => null),
    named === undefined ? null : findOllama({ named, report }),
    runningWorkers(state),
  ]);
  const connect = url === null ? null : describePsql({ workspace: place, env, target }, url);
  return { workspace: place, temporal, postgres: { ...postgres, connect }, workers, ollama };
}

async function runningWorkers({ workers = {} }: State): Promise<ServicesStatus['workers']> {
  const alive = await Promise.all(
    Object.entries(workers).map(async ([target, worker]) => ((await isOurs(worker)) ? [{ target, worker }] : [])),
  );
  return Object.fromEntries(
    alive.flat().map(({ target, worker: { pid, startedAt } }) => [target, { pid, startedAt }] as const),
  );
}

async function describe(
  name: EmbeddedName,
  workspace: string,
  state: State,
  configured: Configured | null,
): Promise<ServiceStatus> {
  if (configured) {
    const { address, by, ask } = configured;
    return { ...STOPPED, configuredBy: by, address, ...(await outcome(ask)) };
  }
  const entry = state[name];
  if (!entry || !(await isOurs(entry))) return STOPPED;
  const { pid, startedAt } = entry;
  const answer = await outcome(() => EMBEDDED[name].ask(workspace, entry));
  const place =
    name === 'temporal'
      ? { address: temporalAddress(entry), ui: temporalUi(entry) }
      : { address: redactAddress(await embeddedUrl(workspace, entry).catch(() => `127.0.0.1:${entry.ports['sql']}`)) };
  return { ...STOPPED, pid, startedAt, ...place, ...answer };
}

async function outcome(ask: () => Promise<string>): Promise<Pick<ServiceStatus, 'state' | 'version' | 'reason'>> {
  try {
    return { state: 'running', version: await ask(), reason: null };
  } catch (error) {
    const state = error instanceof RefusalError ? 'refusing' : 'silent';
    return { state, version: null, reason: messageOf(error) };
  }
}
