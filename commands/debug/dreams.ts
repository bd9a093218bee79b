import { asking, dialectOf } from '../../activities/ingest.source.ts';
import { examineDreams, pendingOfDreams, TABLES, type Dreams } from '../../activities/write-back.schema.ts';
import type { Database } from '../../duckdb/database.ts';
import { ConfigurationError } from '../../memory/errors.ts';
import { hasSource } from '../../profiles/profile.ts';
import { quoteIdentifier } from '../../profiles/sql.ts';
import { fail, oneLine, originOf, pass, skip, within, type Check, type Subject } from './check.ts';
import { patiently } from './source.ts';

const SECTION = 'Write-back';
const NAME = 'schema dreams';
/** What is wrong, and what to do; or how it stands. */
type Finding = Pick<Check, 'verdict' | 'detail'> & { readonly hint?: string };

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
    const { verdict, detail, hint } = judge(dreams);
    return [
      hint === undefined
        ? pass(SECTION, NAME, verdict, { detail, ...origin })
        : fail(SECTION, NAME, verdict, { detail, hint, ...origin }),
    ];
  } catch (error) {
    const hint = 'give the role the right to read the catalog.';
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
  const foreign = ours.filter(({ keyed }) => !keyed).map(({ name }) => name);
  if (foreign.length > 0)
    return {
      verdict: 'somebody else’s',
      detail: `${foreign.join(', ')}: not as this program makes it, without the column target.`,
      hint: 'rename the schema, or drop it if nobody needs it: the next cycle makes it and writes everything to it.',
    };
  const closed = ours.filter(({ written }) => !written).map(({ name }) => name);
  if (closed.length > 0)
    return {
      verdict: 'may not be written to',
      detail: `role ${role} may not write to ${closed.join(', ')}.`,
      hint: `as the owner: ${grantTables(role)}`,
    };
  return judgeVersion(dreams, role);
}

function judgeVersion(dreams: Dreams, role: string): Finding {
  const { version, missing, schema, relations } = dreams;
  try {
    const newest = pendingOfDreams(dreams).at(-1)?.version;
    if (newest === undefined && missing.length === 0)
      return { verdict: `version ${version}`, detail: `version ${version}, and role ${role} may write to it.` };
    const verdict = newest === undefined ? 'incomplete' : version === 0 ? 'no version yet' : `version ${version}`;
    const change = newest === undefined ? `makes ${missing.join(', ')} again` : `brings it to version ${newest}`;
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
    return { verdict: 'of a newer version', detail: error.message, hint };
  }
}
