import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCopiedQuery } from '../../llm-sql/copied-query.ts';
import type { Database } from '../../duckdb/database.ts';
import { ModelUnavailable } from '../../llm/model-error.ts';
import { makeFolder, makeProfile } from '../support/database.ts';
import { openLlmDatabase, run } from '../support/llm-database.ts';
import { scriptModel } from '../support/scripted-model.ts';

interface Desk {
  readonly database: Database;
  readonly file: string;
  /** From now on the model fails on prompts that hold this. */
  readonly failOn: (part: string) => void;
}

async function openDesk(): Promise<Desk> {
  let failing = '';
  const model = scriptModel(({ prompt }) =>
    failing !== '' && prompt.includes(failing) ? new ModelUnavailable('Ollama does not answer') : `<${prompt}>`,
  );
  const database = await openLlmDatabase(makeProfile({ threads: 2 }, {}, 'dev'), model);
  await run(database, `create table t as select 'p' || i as p from range(3) r(i)`);
  await run(database, 'create view asked as select llm_generate(p) as a from t order by p');
  return { database, file: join(makeFolder(), 'answers.csv'), failOn: (part) => (failing = part) };
}

describe('COPY to a file', () => {
  test.each([
    ['of a query', '(select llm_generate(p) as a from t order by p)'],
    ['of a view', 'asked'],
    ['of columns of a view', 'main."asked" (a)'],
  ])('%s writes the answers', async (_, source) => {
    const { database, file } = await openDesk();
    await run(database, `copy ${source} to '${file}' (header)`);
    expect(readFileSync(file, 'utf8')).toBe('a\n<p0>\n<p1>\n<p2>\n');
  });

  test('of more rows than one chunk holds asks each distinct prompt once, and writes all rows', async () => {
    const { database, file } = await openDesk();
    const answers = `select llm_generate('q' || i % 300) as a from range(20000) r(i)`;
    expect(await run(database, `copy (${answers}) to '${file}' (header)`)).toEqual([{ Count: 20_000n }]);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    expect([lines.length, new Set(lines).size]).toEqual([20_001, 301]);
  });

  test.each([
    ['of a query', '(select llm_generate(p) as a from t order by p)'],
    ['of a view', 'asked'],
    ['with calls inside of calls', `(select llm_generate('again ' || llm_generate(p)) as a from t)`],
  ])('%s writes no file when a call fails, and leaves the one that was there', async (_, source) => {
    const { database, file, failOn } = await openDesk();
    failOn('p1');
    const copy = `copy ${source} to '${file}'`;
    await expect(run(database, copy)).rejects.toThrow('Ollama does not answer');
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'precious');
    await expect(run(database, copy)).rejects.toThrow('Ollama does not answer');
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });
});

test('COPY without a call reads what it reads once, and so it may be a sequence or a pipe', async () => {
  const { database, file } = await openDesk();
  await run(database, 'create sequence s');
  await run(database, `copy (select nextval('s') as n from range(3)) to '${file}'`);
  expect(readFileSync(file, 'utf8')).toBe('n\n1\n2\n3\n');
});

test('EXPLAIN ANALYZE of a COPY writes no file when a call fails', async () => {
  const { database, file, failOn } = await openDesk();
  failOn('p1');
  await expect(run(database, `explain analyze copy asked to '${file}'`)).rejects.toThrow('Ollama does not answer');
  expect(existsSync(file)).toBe(false);
});

describe('what a COPY reads is', () => {
  test.each([
    ['copy (select 1) to $file', '(select 1)'],
    ['COPY(select 1)TO $file', '(select 1)'],
    [`-- to\n copy /* (to */ ( select ') to' , "to )" ) to 'x'`, `( select ') to' , "to )" )`],
    [`copy (select e'it\\') to', $$ ) to $$, $a$ ) to $a$) to 'x'`, `(select e'it\\') to', $$ ) to $$, $a$ ) to $a$)`],
    ['copy (with "to" as (select 1) from "to") to $file', '(with "to" as (select 1) from "to")'],
    ['copy /* a /* b */ to */ t to $file', 'select * from t'],
    ['explain analyze copy (select 1) to $file', '(select 1)'],
    ['EXPLAIN (ANALYZE, FORMAT json) COPY t TO $file', 'select * from t'],
    [`copy s.t to 'x'`, 'select * from s.t'],
    [`copy "to" ( "a, b", c ) to 'x'`, 'select "a, b", c from "to"'],
  ])('in %s: %s', (text, query) => {
    expect(findCopiedQuery(text)).toBe(query);
  });

  test.each([
    'select 1',
    'copy from database a to b',
    'explain copy (select 1) to $file',
    'select copy from (select 1) to',
    `copy t from 'x'`,
    'copy',
    'copy (select 1',
    `select 'copy (select 1) to x'`,
    'copying to x',
  ])('nothing in %s', (text) => {
    expect(findCopiedQuery(text)).toBeNull();
  });
});
