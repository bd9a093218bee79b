import { asking, dialectOf, readerOf, type SourceReader } from '../../activities/ingest.source.ts';
import { surveySource, type Survey } from '../../activities/ingest.survey.ts';
import type { Database, DuckDBConnection } from '../../duckdb/database.ts';
import { createFormulas } from '../../duckdb/macros.ts';
import { variablesAt } from '../../profiles/credentials.ts';
import { hasSource } from '../../profiles/profile.ts';
import { quoteLiteral } from '../../profiles/sql.ts';
import { postgresVariableOf } from '../../services/postgres-variable.ts';
import { examineSource } from '../../source/catalog.ts';
import { readFacts, type Facts } from '../../source/facts.ts';
import { endSentence, isMisfit, judgeFit, type Examined, type Fit, type Misfit } from '../../source/fit.ts';
import { describeUnset } from '../../program/fed-from.ts';
import { fail, oneLine, originOf, pass, PATIENCE, skip, warn, within, type Check, type Subject } from './check.ts';
import { checkEdits, checkKey, checkRights, describeKind } from './table.ts';

const SECTION = 'Source';

/** The agents' table, read as a cycle would read it: table, columns, rights, key, edits, rows. `attachments` are the checks before. */
export async function checkSource(
  subject: Subject,
  scratch: Database,
  attachments: readonly Check[],
): Promise<Check[]> {
  const { profile, hide } = subject;
  if (!hasSource(profile)) return [];
  const index = profile.attach.findIndex(({ alias }) => alias === profile.pipeline.source.attachment);
  const attached = attachments[index];
  const origin = originOf(subject.context.location, 'pipeline', 'source', 'table');
  if (attached?.verdict !== 'select 1') {
    const detail = `not looked at: ${profile.pipeline.source.attachment} ${attached?.verdict || 'is not there'}`;
    return [skip(SECTION, 'table', detail, { ...origin, hint: 'once it can be read, look again: biomem debug' })];
  }
  try {
    return await scratch.use((connection) => patiently(subject, connection, () => examineTable(subject, connection)));
  } catch (error) {
    const hint = 'give the role the right to read the catalog and the table.';
    return [fail(SECTION, 'table', 'cannot be read', { detail: hide(oneLine(error)), ...origin, hint })];
  }
}

async function examineTable(subject: Subject, connection: DuckDBConnection): Promise<Check[]> {
  const { profile } = subject;
  const ask = asking(connection, profile);
  const postgres = dialectOf(profile) === 'postgres';
  const examined = await within(examineSource(profile.pipeline.source, dialectOf(profile), ask));
  if ('problem' in examined)
    return [misfit(subject, 'table', 'not found', { ...examined, advice: adviceOn(subject, examined) })];
  const names = { ...profile.pipeline.source, ...examined };
  const facts = postgres ? await within(readFacts(ask, names)) : null;
  const rights = checkRights(subject, examined, facts);
  const columns = examined.fits.map((fit) => describeField(subject, examined, fit));
  return [
    describeTable(subject, examined, facts),
    ...columns,
    ...rights,
    ...checkKey(subject, examined, facts),
    ...checkEdits(subject, examined, facts),
    ...(await checkRows(subject, connection, examined, facts, [...columns, ...rights])),
  ];
}

/** What to do, and that a variable may have been forgotten. */
function adviceOn({ context: { location, target }, services }: Subject, { advice }: Misfit): string {
  const isNamed = variablesAt(location, [...location.path, 'attach']).includes(postgresVariableOf(target));
  return isNamed && services?.postgres.configuredBy === null ? `${advice} ${describeUnset(target)}` : advice;
}

function misfit({ context }: Subject, name: string, verdict: string, { path, problem, advice }: Misfit): Check {
  const origin = originOf(context.location, 'pipeline', 'source', ...path);
  return fail(SECTION, name, verdict, { detail: endSentence(problem), ...origin, hint: advice });
}

function describeTable({ context }: Subject, { schema, table }: Examined, facts: Facts | null): Check {
  const detail = `${schema}.${table}${facts === null ? '' : `, ${describeKind(facts)}`}`;
  return pass(SECTION, 'table', 'found', { detail, ...originOf(context.location, 'pipeline', 'source', 'table') });
}

function describeField(subject: Subject, { agentField }: Examined, fit: Fit): Check {
  if ('misfit' in fit) return misfit(subject, fit.field, 'does not fit', fit.misfit);
  const { field, column } = fit;
  const origin = originOf(subject.context.location, 'pipeline', 'source', 'columns', field);
  if (column === null)
    return pass(SECTION, field, 'none', { detail: 'the profile says that there is none', ...origin });
  const inside = field === 'agent' && agentField !== null ? `field "${agentField}" of ` : '';
  return pass(SECTION, field, column.type, { detail: `${inside}column "${column.name}", ${column.type}`, ...origin });
}

/** How many rows there are, and which of them a cycle would pass over. */
async function checkRows(
  subject: Subject,
  connection: DuckDBConnection,
  examined: Examined,
  facts: Facts | null,
  before: readonly Check[],
): Promise<Check[]> {
  const origin = originOf(subject.context.location, 'pipeline', 'source', 'table');
  const fitted = judgeFit(examined);
  if (isMisfit(fitted) || before.some(({ status }) => status === 'error'))
    return [skip(SECTION, 'rows', 'cannot be read before what failed above is mended', origin)];
  const source = readerOf(connection, subject.profile, fitted);
  const began = performance.now();
  try {
    const found = await survey(subject, connection, source);
    return describeRows(subject, source, found, Math.round(performance.now() - began));
  } catch (error) {
    const late = performance.now() - began >= PATIENCE;
    const about =
      facts === null || facts.estimate === 0 ? '' : `; PostgreSQL's statistics say about ${String(facts.estimate)}`;
    const detail = `reading all rows takes longer than ${String(PATIENCE / 1000)} s, so they were not counted${about}`;
    if (late) return [pass(SECTION, 'rows', 'not counted', { detail, ...origin })];
    const hint = 'a cycle reads the table in the same way, and would fail: mend what it says.';
    return [fail(SECTION, 'rows', 'cannot be read', { detail: subject.hide(oneLine(error)), ...origin, hint })];
  }
}

/** All of it in one transaction, of which PostgreSQL ends what takes too long: a lock may be held for hours. */
export async function patiently<T>(
  { profile }: Subject,
  connection: DuckDBConnection,
  body: () => Promise<T>,
): Promise<T> {
  const limit = `select set_config('statement_timeout', '${String(PATIENCE)}', true)`;
  const { attachment } = profile.pipeline.source;
  await connection.run(`SET TimeZone = 'UTC'`);
  await connection.run('begin');
  try {
    if (dialectOf(profile) === 'postgres')
      await connection.run(`from postgres_query(${quoteLiteral(attachment)}, ${quoteLiteral(limit)})`);
    return await body();
  } finally {
    await connection.run('rollback');
  }
}

/** DuckDB has its share of the work, which is ended here. */
async function survey({ profile }: Subject, connection: DuckDBConnection, source: SourceReader): Promise<Survey> {
  await createFormulas({ connection, profile });
  const timer = setTimeout(() => {
    connection.interrupt();
  }, PATIENCE);
  return surveySource(connection, source).finally(() => {
    clearTimeout(timer);
  });
}

function describeRows({ context }: Subject, { fitted }: SourceReader, { rows, unusable }: Survey, ms: number): Check[] {
  const origin = (...path: string[]) => originOf(context.location, 'pipeline', 'source', ...path);
  const bad = unusable.reduce((sum, each) => sum + each.rows, 0);
  const verdict =
    rows === 0 ? 'none yet' : bad === 0 ? `${String(rows)}, all usable` : `${String(bad)} of ${String(rows)} unusable`;
  const hint = 'a cycle passes them over, and takes each as soon as it has been mended.';
  const total = { ...origin('table'), ms };
  return [
    bad === 0 ? pass(SECTION, 'rows', verdict, total) : warn(SECTION, 'rows', verdict, { ...total, hint }),
    ...unusable.map(({ field, reason, rows: count, ids }) => {
      const column = fitted.columns[field]?.name ?? field;
      const which = ids.length === 0 ? '' : `: ${ids.map(shorten).join(', ')}${count > ids.length ? ', …' : ''}`;
      return warn(SECTION, `${column} ${reason}`, `${String(count)} ${count === 1 ? 'row' : 'rows'}`, {
        detail: `column "${column}" ${reason}${which}`,
        ...origin('columns', field),
        hint: `mend column "${column}" of these rows.`,
      });
    }),
  ];
}

/** An id may be anything that fits into a text. */
function shorten(id: string): string {
  const text = JSON.stringify(id).slice(1, -1);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
