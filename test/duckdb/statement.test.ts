import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { runFile, runText, type Parameter } from '../../duckdb/statement.ts';
import { makeFolder, makeProfile, openDatabase } from '../support/database.ts';

async function run(text: string, parameters: Record<string, Parameter | undefined> = {}) {
  const file = join(makeFolder(), 'stage.verb.sql');
  writeFileSync(file, text);
  return (await openDatabase()).use((connection) => runFile(connection, pathToFileURL(file), parameters));
}

async function failure(text: string, parameters = {}): Promise<Error> {
  return run(text, parameters).then(
    () => expect.unreachable(),
    (error: unknown) => error as Error,
  );
}

test('binds the parameters that a file names and passes over the others', async () => {
  const parameters = { a: 'x', b: 2.5, c: true, d: null, unused: 'y' };
  expect(await run('select $a as a, $b as b, $c as c, $d as d', parameters)).toEqual([
    { a: 'x', b: 2.5, c: true, d: null },
  ]);
});

test('a parameter without a value is an error that names the file and the parameter', async () => {
  expect((await failure('select $here + $missing', { here: 1 })).message).toBe(
    'stage.verb.sql: expected a value for $missing, got none',
  );
});

test("a failing statement is named together with DuckDB's reason", async () => {
  const error = await failure('select no_such_column');
  expect(error.name).toBe('StatementError');
  expect(error.message).toMatch(/^stage\.verb\.sql: Binder Error: .*no_such_column/);
});

test('a password in what DuckDB says is shown nowhere: not in the message, the stack or a cause', async () => {
  const error = await failure(`select error('no connection to postgresql://joe:swordfish@127.0.0.1:1/memories')`);
  expect(error.message).toContain('postgresql://joe:*****@127.0.0.1:1/memories');
  expect(`${String(error.stack)}${JSON.stringify(error)}`).not.toContain('swordfish');
  expect(error.cause).toBeUndefined();
});

test('a statement that is built at run time is redacted like one of a file', async () => {
  const database = await openDatabase(makeProfile({ extensions: ['postgres_scanner'], pipeline: { hardened: false } }));
  const built = `attach 'postgresql://joe:swordfish@127.0.0.1:1/memories' as far (type postgres)`;
  const running = database.use((connection) => runText(connection, 'the attachment', built));
  await expect(running).rejects.toThrow(/^the attachment: .*joe:\*{5}@127\.0\.0\.1:1/s);
});

test('a value is data, whatever it holds', async () => {
  const text = `'; drop table trace; -- "quotes" \u0007 👩‍🚀 \u2028`;
  expect(await run('select $text as text', { text })).toEqual([{ text }]);
});
