import { defaultThreads, openScratch, type Database } from '../../duckdb/database.ts';
import { inspectExtension, trySecret } from '../../duckdb/inspect.ts';
import { checkAttachments } from './attachments.ts';
import { CONNECT, fail, messageOf, originOf, pass, refused, warn, within, type Check, type Subject } from './check.ts';
import { checkConnection } from './connection.ts';
import { checkFunctions } from './models.ts';
import { checkOptions, checkSettings } from './settings.ts';

/**
 * Tries, on a database in memory, everything that the profile has DuckDB do on opening, in the order in which it does;
 * each by itself, so that a failure hides no other. The profile's own file is at most read.
 */
export async function checkDatabase(subject: Subject): Promise<Check[]> {
  // libpq has no limit of its own, and a server that takes a connection and never answers would hold us for ever.
  process.env['PGCONNECT_TIMEOUT'] ??= String(CONNECT);
  const scratch = await openScratch();
  try {
    const connection = await checkConnection(subject, scratch);
    const extensions = await checkExtensions(subject, scratch);
    const absent = extensions.filter(({ status }) => status !== 'ok').map(({ name }) => name);
    const secrets = await checkSecrets(subject, scratch, absent);
    const settings = Object.entries({ ...defaultThreads(subject.profile), ...subject.profile.settings });
    const early = settings.filter(([name]) => name.startsWith('pg_'));
    const late = settings.filter(([name]) => !name.startsWith('pg_'));
    return [
      connection,
      ...extensions,
      ...secrets,
      ...(await checkOptions(subject)),
      ...(await checkSettings(subject, scratch, early, absent)),
      ...(await checkAttachments(subject, scratch, absent)),
      ...(await checkSettings(subject, scratch, late, absent)),
      await checkFunctions(scratch),
    ];
  } finally {
    scratch.close();
  }
}

async function checkExtensions({ profile, context }: Subject, scratch: Database): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [index, { name, repo }] of profile.extensions.entries()) {
    const origin = originOf(context.location, 'extensions', index);
    try {
      const place = await within(scratch.use((connection) => inspectExtension(connection, name)));
      const from = repo === undefined ? "DuckDB's repository or PyPI" : repo;
      const detail = `not here yet; the first run fetches it once from ${from}.`;
      checks.push(
        place === 'absent'
          ? warn('Extensions', name, 'would need a download', { detail, ...origin, hint: 'biomem up fetches it.' })
          : pass('Extensions', name, place, origin),
      );
    } catch (error) {
      const hint = `remove it from DuckDB's extension folder, so that it is fetched anew.`;
      checks.push(fail('Extensions', name, 'cannot be loaded', { detail: messageOf(error), ...origin, hint }));
    }
  }
  return checks;
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
      checks.push(
        refused(subject, { section: 'Secrets', name, verdict: 'cannot be created', hint }, error, absent, origin),
      );
    }
  }
  return checks;
}
