import { openScratch, type Database } from '../../duckdb/database.ts';
import { listExtensions, type ExtensionStatus } from '../../duckdb/extension-list.ts';
import { settingsByPhase, tryExtension, trySecret } from '../../duckdb/inspect.ts';
import { OPENING, SEALING, STATE, type Step } from '../../duckdb/opening.ts';
import { inLastOrder, type Phase, type Setting } from '../../duckdb/settings.ts';
import { LlmFunctions } from '../../llm-sql/functions.ts';
import { checkAttachments } from './attachments.ts';
import { CONNECT, fail, oneLine, originOf, pass, refused, warn, within, type Check, type Subject } from './check.ts';
import { checkConnection } from './connection.ts';
import { checkDreams } from './dreams.ts';
import { checkFunctions } from './models.ts';
import { checkOptions, checkSettings } from './settings.ts';
import { checkSource } from './source.ts';
import { checkMacros, checkMigrations, checkStore } from './state.ts';

/** What trying one step of opening takes, and what the steps before it have found. */
interface Trial {
  readonly subject: Subject;
  readonly scratch: Database;
  /** The settings of a phase. */
  readonly of: (phase: Phase) => Setting[];
  readonly functions: LlmFunctions;
  /** Extensions that are not here. */
  absent: readonly string[];
}

/** How each step of opening is tried without leaving anything. */
const TRIALS: Record<Step['name'], (trial: Trial) => Promise<Check[]>> = {
  'early settings': ({ subject, scratch, of }) => checkSettings(subject, scratch, of('early'), []),
  extensions: async (trial) => {
    const extensions = await checkExtensions(trial.subject, trial.scratch);
    trial.absent = extensions.filter(({ status }) => status !== 'ok').map(({ name }) => name);
    return extensions;
  },
  secrets: ({ subject, scratch, absent }) => checkSecrets(subject, scratch, absent),
  functions: async ({ scratch, functions }) => [await checkFunctions(scratch, functions)],
  'settings before attaching': ({ subject, scratch, of, absent }) =>
    checkSettings(subject, scratch, of('before attaching'), absent),
  attachments: async ({ subject, scratch, absent }) => {
    const attachments = await checkAttachments(subject, scratch, absent);
    return [
      ...attachments,
      ...(await checkSource(subject, scratch, attachments)),
      ...(await checkDreams(subject, scratch, attachments)),
    ];
  },
  'settings after attaching': ({ subject, scratch, of, absent }) =>
    checkSettings(subject, scratch, of('after attaching'), absent),
  // Where names lead is seen by what is found there; and a schema is made by writing the profile's file.
  home: nothing,
  store: ({ subject }) => Promise.resolve(checkStore(subject)),
  schema: nothing,
  migrations: ({ subject }) => checkMigrations(subject),
  macros: ({ subject, scratch }) => checkMacros(subject, scratch),
  'last settings': ({ subject, scratch, of, absent }) =>
    checkSettings(subject, scratch, inLastOrder(of('last')), absent),
};

/**
 * Tries, on a database in memory, every step that opens the profile's own; each part by itself, so that a failure hides no other.
 * The profile's own file is at most read.
 */
export async function checkDatabase(subject: Subject): Promise<Check[]> {
  // libpq has no limit of its own, and a server that takes a connection and never answers would hold us for ever.
  process.env['PGCONNECT_TIMEOUT'] ??= String(CONNECT);
  const scratch = await openScratch();
  try {
    const of = await scratch.use((connection) => settingsByPhase(connection, subject.profile));
    const trial: Trial = { subject, scratch, of, functions: new LlmFunctions(), absent: [] };
    const checks = [await checkConnection(subject, scratch), ...(await checkOptions(subject, of('open')))];
    for (const { name } of [...OPENING, ...STATE, ...SEALING]) checks.push(...(await TRIALS[name](trial)));
    return checks;
  } finally {
    scratch.close();
  }
}

function nothing(): Promise<Check[]> {
  return Promise.resolve([]);
}

async function checkExtensions(subject: Subject, scratch: Database): Promise<Check[]> {
  try {
    const { extensions } = await within(listExtensions(subject.profile));
    const checks: Check[] = [];
    for (const extension of extensions) checks.push(await checkExtension(subject, scratch, extension));
    return checks;
  } catch (error) {
    const hint = 'correct the settings that say where extensions are.';
    return [fail('Extensions', 'all', 'cannot be listed', { detail: subject.hide(oneLine(error)), hint })];
  }
}

async function checkExtension(
  { profile, context }: Subject,
  scratch: Database,
  found: ExtensionStatus,
): Promise<Check> {
  const { name, state, duckdb, path } = found;
  const index = profile.extensions.findIndex((each) => each.name === name);
  // One that only an attachment or a secret needs stands nowhere.
  const origin = index === -1 ? {} : originOf(context.location, 'extensions', index);
  const hint = `biomem extensions install ${name}`;
  if (state === 'not installed') {
    const detail = 'not here yet; the first run fetches it once.';
    return warn('Extensions', name, 'would need a download', { detail, ...origin, hint });
  }
  if (state === 'of another DuckDB') {
    const detail = `${path ?? ''} was made for DuckDB ${duckdb ?? '?'}; the first run replaces it.`;
    return warn('Extensions', name, 'would need a download', { detail, ...origin, hint });
  }
  try {
    await within(scratch.use((connection) => tryExtension(connection, name)));
    return pass('Extensions', name, state, origin);
  } catch (error) {
    return fail('Extensions', name, 'cannot be loaded', { detail: oneLine(error), ...origin, hint });
  }
}

async function checkSecrets(subject: Subject, scratch: Database, absent: readonly string[]): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [index, secret] of subject.profile.secrets.entries()) {
    const name = `${secret.name ?? `_dbt_secret_${String(index + 1)}`} (${secret.type})`;
    const origin = originOf(subject.context.location, 'secrets', index);
    try {
      await within(scratch.use((connection) => trySecret(connection, secret, index + 1)));
      checks.push(pass('Secrets', name, 'created', origin));
    } catch (error) {
      const hint = `correct its parameters, or add the extension of its type to extensions.`;
      const given = { section: 'Secrets', name, verdict: 'cannot be created', hint } as const;
      checks.push(refused(subject, given, error, absent, origin));
    }
  }
  return checks;
}
