import { configuredPostgres, type Target } from './configured-postgres.ts';
import { configuredTemporal } from './configured.ts';
import { EMBEDDED, provide, stopEmbedded, temporalAddress, temporalUi } from './embedded.ts';
import type { EmbeddedName, EmbeddedOptions, Provided } from './embedded.ts';
import { embeddedUrl } from './postgres-url.ts';
import { findOllama, type OllamaSearch, type OllamaServer } from './ollama.ts';
import { readState } from './state.ts';
import { lockWorkspace, makeWorkspace, stuck } from './workspace.ts';

export type { Target } from './configured-postgres.ts';
export { stopServices } from './down.ts';
export { describePsql, type Psql } from './psql.ts';
export { describeServices } from './status.ts';

export interface StartServicesOptions {
  /** The folder for the servers' data and the state file; made if need be. */
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  readonly target: Target;
  readonly report: (line: string) => void;
  /** The Ollama that is named; when not given it is not looked for. @throws ConfigurationError */
  readonly ollama?: OllamaSearch['named'];
  /**
   * True when the servers are to stay after this process, until `stopServices` (as for `services up`). Otherwise this
   * process is their owner: when it is killed before `stop()`, the next start takes them over and stops them at its end.
   */
  readonly outlive?: boolean;
}

export interface Services {
  readonly temporal: {
    readonly address: string;
    /** The Web UI's address; null when the server is a configured one. */
    readonly ui: string | null;
    readonly version: string;
    readonly started: boolean;
  };
  readonly postgres: {
    /** With password: never print it, use `redactAddress`. */
    readonly url: string;
    readonly version: string;
    readonly started: boolean;
  };
  readonly ollama: OllamaServer | null;
  /** Stops what this call started, and only that; does nothing the second time. */
  stop(): Promise<void>;
}

/**
 * For each service: the one that the environment names, else the workspace's own that already runs, else one started
 * now. Several processes may call this on one workspace at the same time.
 *
 * Throws a ServiceError when a configured service cannot be reached (within 10 s), or one cannot be had or started.
 */
export async function startServices({ outlive = false, ...given }: StartServicesOptions): Promise<Services> {
  const { env, target, report } = given;
  const configured = { temporal: configuredTemporal(env), postgres: configuredPostgres(env, target) };
  // First those that may be unreachable, so that nothing has to be stopped again.
  const [temporal, postgres, ollama] = await Promise.all([
    configured.temporal?.ask(),
    configured.postgres?.ask(),
    given.ollama === undefined ? null : findOllama({ named: given.ollama, report }),
  ]);
  const options = { env, report, outlive, workspace: await makeWorkspace(given.workspace) };
  const missing = (['temporal', 'postgres'] as const).filter((name) => !configured[name]);
  const own = await provideAll(missing, options);
  let stopping: Promise<void> | undefined;
  return {
    temporal: own.temporal
      ? { address: temporalAddress(own.temporal.entry), ui: temporalUi(own.temporal.entry), ...shown(own.temporal) }
      : { address: configured.temporal?.address ?? '', ui: null, version: temporal ?? '', started: false },
    postgres: await describePostgres(own, options, { url: configured.postgres?.url ?? '', version: postgres ?? '' }),
    ollama,
    stop: () => (stopping ??= stopStarted(own, options)),
  };
}

/**
 * PostgreSQL alone, for who only writes memories: the one that the environment names, else the workspace's own, started where it
 * does not run.
 * @throws ServiceError as `startServices`
 */
export async function providePostgres({
  outlive = false,
  ...given
}: StartServicesOptions): Promise<Pick<Services, 'postgres' | 'stop'>> {
  const { env, target, report } = given;
  const configured = configuredPostgres(env, target);
  const version = await configured?.ask();
  const options = { env, report, outlive, workspace: await makeWorkspace(given.workspace) };
  const own = configured ? {} : await provideAll(['postgres'], options);
  let stopping: Promise<void> | undefined;
  return {
    postgres: await describePostgres(own, options, { url: configured?.url ?? '', version: version ?? '' }),
    stop: () => (stopping ??= stopStarted(own, options)),
  };
}

async function describePostgres(
  { postgres }: Own,
  { workspace }: EmbeddedOptions,
  configured: { readonly url: string; readonly version: string },
): Promise<Services['postgres']> {
  if (postgres === undefined) return { ...configured, started: false };
  return { url: await embeddedUrl(workspace, postgres.entry), ...shown(postgres) };
}

function shown({ version, started }: Provided): { version: string; started: boolean } {
  return { version, started };
}

type Own = Partial<Record<EmbeddedName, Provided>>;

async function provideAll(names: readonly EmbeddedName[], options: EmbeddedOptions): Promise<Own> {
  if (names.length === 0) return {};
  const { workspace, report } = options;
  return lockWorkspace(workspace, report, async () => {
    await readState(workspace, report);
    const own: Own = {};
    const outcomes = await Promise.allSettled(names.map(async (name) => (own[name] = await provide(name, options))));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!failed) return own;
    await stopAll(own, options);
    throw failed.reason;
  });
}

async function stopStarted(own: Own, options: EmbeddedOptions): Promise<void> {
  if (!Object.values(own).some(({ started }) => started)) return;
  await lockWorkspace(options.workspace, options.report, () => stopAll(own, options));
}

async function stopAll(own: Own, { workspace }: EmbeddedOptions): Promise<void> {
  const names = (['temporal', 'postgres'] as const).filter((name) => own[name]?.started);
  await Promise.all(
    names.map(async (name) => {
      const { entry } = own[name] ?? {};
      if (entry && !(await stopEmbedded(name, workspace, entry))) throw stuck(EMBEDDED[name].title, entry.pid);
    }),
  );
}
