import { asking, dialectOf } from '../../activities/ingest.source.ts';
import { describeReplaced, examineDreams, type Dreams } from '../../activities/write-back.examine.ts';
import { pendingOfDreams } from '../../activities/write-back.schema.ts';
import { TABLES } from '../../activities/write-back.tables.ts';
import type { Database } from '../../duckdb/database.ts';
import { ConfigurationError } from '../../memory/errors.ts';
import { hasSource } from '../../profiles/profile.ts';
import { quoteIdentifier } from '../../profiles/sql.ts';
import { fail, oneLine, originOf, pass, skip, warn, within, type Check, type Subject } from './check.ts';
import { patiently } from './source.ts';

const SECTION = 'Write-back';
const NAME = 'schema dreams';
/** What is wrong, and what to do; or how it stands. */
type Finding = Pick<Check, 'verdict' | 'detail'> & { readonly hint?: string; readonly warns?: true };

/** Schema dreams, where the results go: its version, what somebody dropped, and whether the role may write to it. */
export async function checkDreams(
  subject: Subject,
  scratch: Database,
  attachments: readonly Check[],
): Promise<Check[]> {
  const { profile, hide, context } = subject;
  if (!hasSource(profile) || dialectOf(profile) !== 'postgres') return [];
  const { attachment } = profile.pipeline.source;
  const index = profile.attach.findIndex(({ alias }) => alias === attachment);
  const origin = originOf(context.location, 'attach', index, 'path');
  const attached = attachments[index];
  if (attached?.verdict !== 'select 1')
    return [skip(SECTION, NAME, `not looked at: ${attachment} ${attached?.verdict || 'is not there'}`, origin)];
  try {
    const dreams = await scratch.use((connection) =>
      patiently(subject, connection, () => within(examineDreams(asking(connection, profile)))),
    );
    const { verdict, detail, hint, warns } = judge(dreams);
    if (hint === undefined) return [pass(SECTION, NAME, verdict, { detail, ...origin })];
    return [(warns === true ? warn : fail)(SECTION, NAME, verdict, { detail, hint, ...origin })];
  } catch (error) {
    const hint = 'give the role the right to read the catalog, and dreams.migration.';
    return [fail(SECTION, NAME, 'cannot be looked at', { detail: hide(oneLine(error)), ...origin, hint })];
  }
}

function judge(dreams: Dreams): Finding {
  const { schema, creates_schema: creates, relations } = dreams;
  const role = quoteIdentifier(dreams.role);
  if (schema === null && !creates)
    return {
      verdict: 'may not be made',
      detail: `there is no schema dreams, and role ${role} may not make one.`,
      hint: `as the owner: grant create on database ${quoteIdentifier(dreams.database)} to ${role};`,
    };
  if (schema === null) return { verdict: 'not there yet', detail: 'the first cycle makes it.' };
  if (!schema.used || (relations.length === 0 && !schema.creates))
    return {
      verdict: 'may not be used',
      detail: `role ${role} may not use schema dreams, or make tables in it.`,
      hint: `as the owner: grant usage, create on schema dreams to ${role}; ${grantTables(role)}`,
    };
  return judgeTables(dreams, role);
}

function grantTables(role: string): string {
  return `grant select, insert, update, delete on all tables in schema dreams to ${role};`;
}

function judgeTables(dreams: Dreams, role: string): Finding {
  const ours = dreams.relations.filter(({ name }) => TABLES.some((table) => table.name === name));
  if (dreams.foreign.length > 0)
    return {
      verdict: 'somebody else’s',
      detail: dreams.foreign.map(({ name, why }) => `${name}: not as this program makes it, ${why}.`).join(' '),
      hint: 'rename the schema, or drop it if nobody needs it: the next cycle makes it and writes everything to it.',
    };
  const closed = ours.filter(({ written }) => !written).map(({ name }) => name);
  if (closed.length > 0)
    return {
      verdict: 'may not be written to',
      detail: `role ${role} may not write to ${closed.join(', ')}.`,
      hint: `as the owner: ${grantTables(role)}`,
    };
  return addOddities(dreams, judgeVersion(dreams, role));
}

function judgeVersion(dreams: Dreams, role: string): Finding {
  const { version, missing, schema, relations } = dreams;
  try {
    const newest = pendingOfDreams(dreams).at(-1)?.version;
    if (newest === undefined && missing.length === 0)
      return { verdict: `version ${version}`, detail: `version ${version}, and role ${role} may write to it.` };
    const verdict = newest === undefined ? 'incomplete' : version === 0 ? 'no version yet' : `version ${version}`;
    const far = dreams.lost.length > 0 ? ', as far as the columns are there that it takes' : '';
    const change = newest === undefined ? `makes ${missing.join(', ')} again${far}` : `brings it to version ${newest}`;
    if (schema?.creates === true && relations.every(({ owned }) => owned))
      return { verdict, detail: `the next cycle ${change}.` };
    return {
      verdict,
      detail: `the next cycle ${change}, which role ${role} may not: it does not own all of schema dreams.`,
      hint: `connect once as the owner of its tables, or give schema, tables and views to ${role}.`,
    };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const hint = 'update biological-memory, or rename the schema.';
    // The check has named its subject.
    return { verdict: 'of a newer version', detail: error.message.replace(/^schema dreams in PostgreSQL: /, ''), hint };
  }
}

/** What others did to the tables that a write-back lives with, or may not. */
function addOddities(dreams: Dreams, finding: Finding): Finding {
  if (finding.hint !== undefined) return finding;
  const { lost, demanding } = dreams;
  const oddities: [said: string, hint: string][] = describeReplaced(dreams).map((said) => [
    said,
    'rename or drop it to have the view made again.',
  ]);
  if (lost.length > 0)
    oddities.push([
      `${lost.join(', ')}: not there, and the write-back goes on without`,
      'to have a column again, drop its table: the next cycle makes and fills it.',
    ]);
  if (demanding.length > 0)
    oddities.push([
      `${demanding.join(', ')}: not this program’s, not null and without a default, so that no row can be written`,
      'give such a column a default, or let it be null: alter table dreams.<table> alter column <column> drop not null;',
    ]);
  if (oddities.length === 0) return finding;
  const detail = [finding.detail, ...oddities.map(([said]) => `${said}.`)].join(' ');
  return { ...finding, detail, hint: oddities.map(([, hint]) => hint).join('\n'), warns: true };
}
