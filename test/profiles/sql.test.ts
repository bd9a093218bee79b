import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { attachSql, quoteIdentifier, quoteLiteral, secretSql } from '../../profiles/sql.ts';
import { loadOutput, refusal } from './folder.ts';

const attach = (item: string) => loadOutput(`attach: [${item}]`).attach.map(attachSql)[0];
const secret = (item: string) =>
  loadOutput(`secrets: [{type: postgres}, ${item}]`).secrets.map((s, i) => secretSql(s, i + 1))[1];

test('identifiers and literals double their quotes; NUL is refused', () => {
  expect(quoteIdentifier('a "b"')).toBe('"a ""b"""');
  expect(quoteLiteral("o'brien")).toBe("'o''brien'");
  expect(refusal(() => quoteLiteral('a\0b'))).toContain('NUL');
});

test.each([
  ['{path: x.db}', "ATTACH IF NOT EXISTS 'x.db'"],
  [
    `{path: "postgresql://u:o'p@db/c", type: postgres, alias: src, read_only: true}`,
    `ATTACH IF NOT EXISTS 'postgresql://u:o''p@db/c' AS "src" (TYPE postgres, READ_ONLY)`,
  ],
  ['{path: x, alias: "a\\"; drop table t; --"}', `ATTACH IF NOT EXISTS 'x' AS "a""; drop table t; --"`],
  ['{path: x, type: postgres, secret: pg}', `ATTACH IF NOT EXISTS 'x' (TYPE postgres, SECRET "pg")`],
  [
    '{path: x, options: {block_size: 16384, encrypted: true, create: false, none: null}}',
    "ATTACH IF NOT EXISTS 'x' (BLOCK_SIZE 16384, ENCRYPTED, CREATE false)",
  ],
  [`{path: x, options: {schema: "'it''s'"}}`, "ATTACH IF NOT EXISTS 'x' (SCHEMA 'it''s')"],
  [`{path: x, options: {schema: "a'b"}}`, "ATTACH IF NOT EXISTS 'x' (SCHEMA 'a''b')"],
  [
    `{path: x, options: {schema: "'a', READ_ONLY, b 'c'"}}`,
    "ATTACH IF NOT EXISTS 'x' (SCHEMA 'a'', READ_ONLY, b ''c')",
  ],
  ['{path: x, options: {schema: [a, b]}}', "ATTACH IF NOT EXISTS 'x' (SCHEMA ['a', 'b'])"],
  ['{path: "md:d?user=1"}', "ATTACH IF NOT EXISTS 'md:d'"],
])('attach %s', (item, sql) => {
  expect(attach(item)).toBe(sql);
});

test.each([
  [
    `{type: s3, key_id: "a'b", use_ssl: true, scope: ["s3://one", "s3://two"]}`,
    `CREATE OR REPLACE SECRET "_dbt_secret_2" (type s3, key_id 'a''b', use_ssl 'true', scope 's3://one', scope 's3://two')`,
  ],
  [
    '{type: s3, provider: config, scope: "s3://one"}',
    `CREATE OR REPLACE SECRET "_dbt_secret_2" (type s3, provider config, scope 's3://one')`,
  ],
  ['{type: postgres, name: pg, port: 5432}', `CREATE OR REPLACE SECRET "pg" (type postgres, port '5432')`],
  ['{type: http, name: ""}', 'CREATE SECRET (type http)'],
  ['{type: http, name: h, persistent: true}', 'CREATE OR REPLACE PERSISTENT SECRET "h" (type http)'],
  [
    `{type: ducklake, name: c, metadata_parameters: {TYPE: postgres, SECRET: "p'g"}}`,
    `CREATE OR REPLACE SECRET "c" (type ducklake, metadata_parameters map {'TYPE': 'postgres', 'SECRET': 'p''g'})`,
  ],
  ['{type: s3, name: s, chain: [env, sso]}', `CREATE OR REPLACE SECRET "s" (type s3, chain array ['env', 'sso'])`],
  [
    `{type: http, name: h, extra_http_headers: "map {'a': 'b'}"}`,
    `CREATE OR REPLACE SECRET "h" (type http, extra_http_headers map {'a': 'b'})`,
  ],
  [
    `{type: http, name: h, extra_http_headers: "map {}); drop table t; --"}`,
    `CREATE OR REPLACE SECRET "h" (type http, extra_http_headers 'map {}); drop table t; --')`,
  ],
])('secret %s', (item, sql) => {
  expect(secret(item)).toBe(sql);
});

test('DuckDB takes what is written here', async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const profile = loadOutput(
    `attach: [{path: ":memory:", alias: "a \\"b", type: duckdb, options: {block_size: 16384}}]\n` +
      `secrets: [{type: http, name: "s\\"x", bearer_token: "o'b", extra_http_headers: {"it's": b}, scope: ["http://a"]}]`,
  );
  await connection.run(secretSql(profile.secrets[0]!, 1));
  await connection.run(attachSql(profile.attach[0]!));
  const read = async (sql: string) => (await connection.runAndReadAll(sql)).getRowsJson();
  expect(await read('select name, scope from duckdb_secrets()')).toEqual([['s"x', ['http://a']]]);
  expect(await read('select database_name from duckdb_databases() where not internal order by 1')).toEqual([
    ['a "b'],
    ['memory'],
  ]);
  connection.closeSync();
  instance.closeSync();
});
