import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { requireSource } from '../../activities/ingest.source.ts';
import { surveySource } from '../../activities/ingest.survey.ts';
import { fillState } from '../../bench/state.ts';
import type { DuckDBConnection } from '../../duckdb/database.ts';
import type * as statements from '../../duckdb/statement.ts';
import { createReader } from '../../llm/reader.ts';
import { makeFolder } from '../support/database.ts';
import { Lab, makeEnvironment, openLab } from '../support/lab.ts';
import { sayLittle } from '../support/scripted-answers.ts';
import { scriptEmbedder } from '../support/scripted-embedder.ts';
import { scriptModel } from '../support/scripted-model.ts';
import { readSources } from '../support/tree.ts';

const FOLDER = new URL('../../activities/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.sql'));
/** What every statement of a step is given. */
const ALWAYS = ['as_of', 'cycle_id', 'step'];

const seen = vi.hoisted(() => ({
  /** By the name of a file: the parameters that it names, and all that its runs were given. */
  named: new Map<string, readonly string[]>(),
  given: new Map<string, Set<string>>(),
  /** Has half a million links counted, which would take minutes to make. */
  large: false,
}));

vi.mock('../../duckdb/statement.ts', async (load) => {
  const real = await load<typeof statements>();
  const runFile: typeof real.runFile = async (connection, file, parameters) => {
    const name = basename(file.pathname);
    seen.named.set(name, seen.named.get(name) ?? (await listNamed(connection, file)));
    seen.given.set(name, new Set([...(seen.given.get(name) ?? []), ...Object.keys(parameters ?? {})]));
    if (seen.large && name === 'long-term-memory.count-link.sql') return [{ links: 500_001 }];
    // Ends with the file's name when a parameter is missing.
    return real.runFile(connection, file, parameters);
  };
  // Of a text that is changed before it is run, only that it is in use can be told.
  const readSql: typeof real.readSql = (file) => {
    const name = basename(file.pathname);
    if (!seen.named.has(name)) seen.named.set(name, []);
    return real.readSql(file);
  };
  return { ...real, runFile, readSql };
});

async function listNamed(connection: DuckDBConnection, file: URL): Promise<string[]> {
  const statement = await connection.prepare(readFileSync(file, 'utf8')).catch((error: unknown) => {
    throw new Error(`${basename(file.pathname)}: ${String(error)}`);
  });
  const names = Array.from({ length: statement.parameterCount }, (_, index) => statement.parameterName(index + 1));
  statement.destroySync();
  return names;
}

/**
 * Rejects every row for its values though its tables hold some, has no schema dreams, and answers all else with no row: what is
 * written back is not looked at here.
 */
const postgres = {
  connect: () => Promise.resolve({ query: answer, release: () => undefined }),
} as unknown as pg.Pool;

const NOTHING = { role: 'ada', database: 'memories', creates_schema: true, schema: null, relations: [] };

function answer(text: string): Promise<unknown> {
  const refused = Object.assign(new pg.DatabaseError('no such character', 0, 'error'), { code: '22P05' });
  if (text.includes('as found')) return Promise.resolve({ rows: [{ found: JSON.stringify(NOTHING) }], rowCount: 1 });
  if (text.startsWith('select from dreams.')) return Promise.resolve({ rows: [], rowCount: 1 });
  return /^insert(?! into dreams\.migration)/.test(text)
    ? Promise.reject(refused)
    : Promise.resolve({ rows: [], rowCount: 0 });
}

const NIGHTS = ['2026-03-02T03:00:00Z', '2026-03-03T03:00:00Z', '2026-03-04T03:00:00Z'] as const;

/** Two people who meet day after day, and move what they meet for; one text is too much for both models. */
const CONTENTS: Readonly<Record<number, string>> = {
  4: 'Noor and Ines moved the meeting in Halifax to 12 March.',
  5: 'Unreadable.',
};
const makeDay = (day: number) =>
  Array.from({ length: 6 }, (_, minute) => ({
    id: `d${String(day)}m${String(minute)}`,
    at: `2026-03-0${String(day)}T10:0${String(minute)}:00Z`,
    agent: 'ada',
    // Trouble on one day and decisions on the others: a theme of which the same is said each day has no insight.
    content:
      CONTENTS[minute] ??
      (day === 1
        ? `Noor and Ines lost a day in Halifax to the serious outage ${String(minute)}.`
        : `Noor and Ines decided in Halifax, after the serious outage, on point ${String(minute)}.`),
  }));

/** Every step on everything that it tells apart: a model that reads and embeds, texts that it cannot, rows that came late. */
async function liveFully(): Promise<void> {
  const lab = await openFully();
  for (const [index, night] of NIGHTS.entries()) {
    await lab.write(...makeDay(index + 1));
    seen.large = index === 1;
    // As if it had been folded with other parameters.
    if (index === 2)
      await lab.rows(`update setting set value = '{"parameters": {}, "cycle": "", "counts": {}}' where name = 'fold'`);
    if (index === 1)
      await lab.rows(`insert into recall_feedback select 'r', 'd1m' || i, 'used', i, '2026-03-02 12:00', '2026-03-02 12:00', '2026-03-02', null
        from range(1, 4) t(i)`);
    await lab.live(night);
    await lab.run('writeBackDreams', night);
    await lab.run('publishRecall', night);
  }
  // So many memories that what is new is published by itself.
  for (const [index, to] of [1_200, 1_210].entries()) {
    const asOf = `2026-03-04T0${String(index + 4)}:00:00Z`;
    await fillState(lab.database, { from: index * 1_200, to, agents: 2, cycle: asOf });
    await lab.run('publishRecall', asOf);
  }
  // Written before the last night looked, seen after it by a cycle that goes by the watermark.
  await lab.write({ id: 'late', at: '2026-03-01T09:00:00Z', agent: 'ada' });
  await lab.run('ingestMemories', '2026-03-04T10:00:00Z');
  await makeEnvironment().run(lab.activities.restoreMemory, { id: 'late', asOf: NIGHTS[2] });
  // As good as archived.
  await lab.rows(`update fate set fate = 'rapid_forgetting' where memory_id = 'd1m1'`);
  await makeEnvironment().run(lab.activities.restoreMemory, { id: 'd1m1', asOf: '2026-03-04T11:00:00.000Z' });
  await makeEnvironment().run(lab.activities.forgetMemories, { ids: ['d1m0'], asOf: '2026-03-04T12:00:00.000Z' });
  await makeEnvironment().run(lab.activities.summarizeState, { asOf: NIGHTS[2], limit: 3 });
  await lab.activities.listRejected({ stage: 'ingest' });
  await lab.database.use(async (connection) => surveySource(connection, await requireSource(connection, lab.profile)));
}

async function openFully(): Promise<Lab> {
  const model = scriptModel((request) => (request.prompt.includes('Unreadable') ? '{}' : sayLittle(request)));
  const { embedder } = scriptEmbedder((text) => (text === 'Unreadable.' ? [Number.NaN] : [text.length, 1]));
  const recallFile = join(makeFolder(), 'test.recall.duckdb');
  const parameters = { cls_rho: 0.4, fate_transfer: 0.2 };
  const { profile, database } = await openLab(parameters, undefined, {}, { model, recallFile });
  const reader = createReader(model, () => undefined);
  return new Lab(profile, database, () => reader, postgres, embedder, recallFile);
}

test('every SQL file of the activities is one statement, run by a step that gives the parameters that it names', async () => {
  await liveFully();
  // What is missing here is dead, or these nights have to reach it.
  expect([...seen.named.keys()].filter((file) => FILES.includes(file)).sort()).toEqual(FILES.toSorted());
  const given = [...seen.given].flatMap(([file, names]) => [...names].map((name) => ({ file, name })));
  const used = given.filter(({ file, name }) => seen.named.get(file)?.includes(name)).map(({ name }) => name);
  const known = new Set([...ALWAYS, ...used]);
  expect(given.filter(({ name }) => !known.has(name))).toEqual([]);
});

test('no SQL looks at the clock or throws dice', () => {
  const texts = [...readSources('.sql')].filter(([file]) => /^(?:activities|duckdb)\//.test(file));
  const code = texts.map(([file, text]) => [file, text.replaceAll(/--.*$/gm, '')] as const);
  const impure = /\b(?:now|random|uuid|gen_random_uuid|current_date|current_timestamp|get_current_timestamp|today)\b/i;
  expect(code.filter(([, text]) => impure.test(text)).map(([file]) => file)).toEqual([]);
});
