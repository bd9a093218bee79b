import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../memory/errors.ts';
import { loadProfile, type Profile, type ProfileRequest } from '../profiles/profile.ts';
import { isWithoutProfile, locate, profileFolders, type Location } from '../profiles/location.ts';
import type { Variables } from '../profiles/functions.ts';
import { readOllama, type NamedServer } from '../profiles/llm-origin.ts';
import { readVars } from '../profiles/vars.ts';
import { readNamespace } from '../profiles/pipeline.ts';
import type { Namespace } from '../services/configured.ts';
import { postgresVariables, withoutPostgres } from '../services/postgres-variable.ts';
import type { Services } from '../services/services.ts';
import { interrupted } from './interruption.ts';
import { isTourWorkspace, onOwnTable } from './tour-workspace.ts';

/** Options that every command shares; they mean the same everywhere. */
export interface SharedOptions {
  readonly target?: string;
  readonly profile?: string;
  readonly profilesDir?: string;
  /** As it was typed. */
  readonly threads?: string;
  /** A mapping in YAML. */
  readonly vars?: string;
  readonly workspace?: string;
  readonly json?: boolean;
}

/** What a command works with, from its options and the environment. */
export interface Context {
  readonly target: string;
  /** The target as it stands in profiles.yml. */
  readonly location: Location;
  readonly workspace: string;
  readonly json: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The options with which another `biomem` process means the same profile and the same workspace. */
  readonly handOn: readonly string[];
  /** What templates of the profile see. */
  readonly variables: Variables;
  /** A line for people, on stderr. */
  readonly report: (line: string) => void;
  /** The profile, once the addresses of the services are known. */
  readonly profile: (services: { readonly postgres: { readonly url: string } }) => Profile;
  /** The profile, for commands that need no service. */
  readonly offlineProfile: () => Profile;
  /** Its time zone. */
  readonly timezone: () => string;
  /** Temporal's namespace of the target, and who names it. @throws ConfigurationError */
  readonly namespace: () => Promise<Namespace>;
  /** The Ollama that the profile or the environment names. @throws ConfigurationError */
  readonly ollama: () => NamedServer | null;
}

/** The folder of the program's own profiles.yml. */
export const OWN_PROFILES = fileURLToPath(new URL('..', import.meta.url));

/** Where no PostgreSQL is needed, the profile's attachment still has to name one. */
export const NOWHERE = { postgres: { url: 'postgresql://127.0.0.1/memories' } };

/**
 * Determines target and workspace. Nothing is started yet, so a mistyped target ends here.
 * @throws ConfigurationError
 */
export function createContext(options: SharedOptions): Context {
  const { workspace, env, request, notes } = createRequest(options);
  const report = (line: string) => void process.stderr.write(`${line}\n`);
  const location = locate(request);
  notes.forEach(report);
  const { target, profile: name, document } = location;
  const profile: Context['profile'] = ({ postgres: { url } }) => {
    const loaded = loadProfile({ ...request, env: { ...env, ...postgresVariables(env, target, url) } });
    // Asked each time: a tour marks its workspace only after the context has been made.
    return isTourWorkspace(workspace) ? onOwnTable(loaded, url) : loaded;
  };
  return {
    target,
    location,
    workspace,
    env,
    handOn: [
      ...['--target', target, '--workspace', workspace, '--profile', name, '--profiles-dir', dirname(document.file)],
      ...(options.threads === undefined ? [] : ['--threads', options.threads]),
      ...(options.vars === undefined ? [] : ['--vars', options.vars]),
    ],
    json: options.json ?? false,
    variables: request,
    report,
    profile,
    offlineProfile: () => profile(NOWHERE),
    timezone: () => profile(NOWHERE).pipeline.timezone,
    namespace: async () => {
      const { chooseNamespace } = await import('../services/configured.ts');
      return chooseNamespace(env, target, readNamespace(location, request));
    },
    ollama: () => readOllama(location, request),
  };
}

/** What the options ask of `loadProfile`, the workspace, and what a person should know of them. @throws ConfigurationError */
export function createRequest({ profilesDir, profile, target, threads, vars, ...options }: SharedOptions) {
  const workspace = resolve(options.workspace ?? process.env['BIOLOGICAL_MEMORY_DIR'] ?? '.biological-memory');
  const env = environmentOf(workspace);
  const request = {
    ...{ profilesDir, profile, target, env, cwd: process.cwd() },
    ...(threads !== undefined && { threads: parseThreads(threads) }),
    vars: vars === undefined ? {} : readVars(vars, env),
  } satisfies ProfileRequest;
  if (!isWithoutProfile(request)) return { workspace, env, request, notes: [] };
  return { workspace, env, request: { ...request, profilesDir: OWN_PROFILES }, notes: [describeOwn(request)] };
}

/** In an empty folder the program's own profile says all that is needed to begin. */
function describeOwn(request: ProfileRequest): string {
  const file = join(OWN_PROFILES, 'profiles.yml');
  return (
    `There is no profiles.yml in ${profileFolders(request).join(' or ')}: biomem's own is used, ${file}. ` +
    'Copy it into this folder to change it.'
  );
}

function parseThreads(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new ConfigurationError(`--threads must be a whole number of at least 1, not ${text}.`);
}

/**
 * Starts what is missing, lends it, and stops what it started, also after Ctrl-C: then `interruption` resolves and the
 * body ends as it sees fit.
 */
export async function withServices<T>(
  context: Context,
  body: (services: Services, interruption: Promise<void>) => Promise<T>,
): Promise<T> {
  const interruption = interrupted();
  const { startServices } = await import('../services/services.ts');
  const services = await startServices(context);
  try {
    return await body(services, interruption);
  } finally {
    await services.stop();
  }
}

/** For what needs no model: Ollama is neither asked nor waited for. */
export function withoutOllama(context: Context): Context {
  return { ...context, ollama: () => null };
}

/** On what a tour dreamt the tour's own PostgreSQL is used, whatever the environment names. */
function environmentOf(workspace: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, BIOLOGICAL_MEMORY_DIR: workspace };
  if (isTourWorkspace(workspace)) return withoutPostgres(env).env;
  // A variable that is set to nothing is how compose files say "not set".
  const { POSTGRES_DB_URL, TEST_DATABASE_URL, ...others } = env;
  return { ...others, ...(POSTGRES_DB_URL && { POSTGRES_DB_URL }), ...(TEST_DATABASE_URL && { TEST_DATABASE_URL }) };
}
