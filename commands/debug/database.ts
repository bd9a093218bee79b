import { openScratch, type Database } from '../../duckdb/database.ts';
import { listExtensions, type ExtensionStatus } from '../../duckdb/extension-list.ts';
import { settingsByPhase, tryExtension, trySecret } from '../../duckdb/inspect.ts';
import { inLastOrder } from '../../duckdb/settings.ts';
import { checkAttachments } from './attachments.ts';
import { CONNECT, fail, messageOf, originOf, pass, refused, warn, within, type Check, type Subject } from './check.ts';
import { checkConnection } from './connection.ts';
import { checkFunctions } from './models.ts';
import { checkOptions, checkSettings } from './settings.ts';
import { checkSource } from './source.ts';

/**
 * Tries, on a database in memory, everything that the profile has DuckDB do on opening, in the order in which it does;
 * each by itself, so that a failure hides no other. The profile's own file is at most read.
 */
export async function checkDatabase(subject: Subject): Promise<Check[]> {
  // libpq has no limit of its own, and a server that takes a connection and never answers would hold us for ever.
  process.env['PGCONNECT_TIMEOUT'] ??= String(CONNECT);
  const scratch = await openScratch();
  try {
    const of = await scratch.use((connection) => settingsByPhase(connection, subject.profile));
    const connection = await checkConnection(subject, scratch);
    const options = await checkOptions(subject, of('open'));
    const early = await checkSettings(subject, scratch, of('early'), []);
    const extensions = await checkExtensions(subject, scratch);
    const absent = extensions.filter(({ status }) => status !== 'ok').map(({ name }) => name);
    const secrets = await checkSecrets(subject, scratch, absent);
    const before = await checkSettings(subject, scratch, of('before attaching'), absent);
    const attachments = await checkAttachments(subject, scratch, absent);
    return [
      connection,
      ...options,
      ...early,
      ...extensions,
      ...secrets,
      ...before,
      ...attachments,
      ...(await checkSource(subject, scratch, attachments)),
      ...(await checkSettings(subject, scratch, of('after attaching'), absent)),
      await checkFunctions(scratch),
      ...(await checkSettings(subject, scratch, inLastOrder(of('last')), absent)),
    ];
  } finally {
    scratch.close();
  }
}

async function checkExtensions(subject: Subject, scratch: Database): Promise<Check[]> {
  try {
    const { extensions } = await within(listExtensions(subject.profile));
    const checks: Check[] = [];
    for (const extension of extensions) checks.push(await checkExtension(subject, scratch, extension));
    return checks;
  } catch (error) {
    const hint = 'correct the settings that say where extensions are.';
    return [fail('Extensions', 'all', 'cannot be listed', { detail: subject.hide(messageOf(error)), hint })];
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
    return fail('Extensions', name, 'cannot be loaded', { detail: messageOf(error), ...origin, hint });
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
