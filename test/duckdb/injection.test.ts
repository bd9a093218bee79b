import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import { ConfigurationError, ServiceError } from '../../memory/errors.ts';
import { makeFolder, makeProfile, query } from '../support/database.ts';

/** Text that ends a literal, an identifier or a comment, and then a statement that would show. */
const nasty = fc
  .tuple(
    fc.constantFrom(`'`, `"`, `''`, `""`, `\\'`, `*/`, `$$`, `'; --`, `")`, `')`, `]`, `\n`),
    fc.constantFrom(
      '; create table source_memories.pwned as select 1; --',
      `); create table source_memories.pwned(i int); --`,
    ),
    fc.string({ maxLength: 5 }),
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

const plain = fc.constantFrom('x', 'y_1');
const word = fc.oneof(plain, nasty);

/** An output with something nasty in each place that becomes SQL. */
const output = fc.record({
  schema: fc.oneof(fc.constant('main'), nasty),
  settings: fc.dictionary(
    fc.oneof(fc.constantFrom('TimeZone', 'default_collation', 'max_memory', 'schema'), nasty),
    word,
    { maxKeys: 2 },
  ),
  config_options: fc.dictionary(fc.oneof(fc.constantFrom('home_directory', 'allowed_directories'), nasty), word, {
    maxKeys: 1,
  }),
  secrets: fc.array(
    fc.record({
      type: fc.oneof(fc.constant('http'), nasty),
      name: word,
      scope: word,
      bearer_token: word,
      extra_http_headers: fc.dictionary(word, word, { maxKeys: 2 }),
    }),
    { maxLength: 1 },
  ),
  attached: fc.record({
    alias: word,
    options: fc.dictionary(fc.oneof(fc.constant('block_size'), nasty), word, { maxKeys: 1 }),
  }),
});

test('no text of a profile becomes a statement of its own', { timeout: 300_000 }, async () => {
  const folder = makeFolder();
  await fc.assert(
    fc.asyncProperty(output, async ({ attached, ...fields }) => {
      const attach = [
        { path: `${folder}/source.duckdb`, alias: 'source_memories' },
        { path: ':memory:', ...attached },
      ];
      // Left open, so that what would be injected at the end could be run too.
      const opening = async () =>
        connect(makeProfile({ ...fields, attach, pipeline: { hardened: false } }), () => undefined);
      const database = await opening().catch((error: unknown) => {
        // A name that DuckDB does not have is refused, and nothing else happens.
        if (error instanceof Error) return null;
        throw error;
      });
      if (database === null) return;
      try {
        expect(await query(database, `select table_name from duckdb_tables() where table_name = 'pwned'`)).toEqual([]);
      } finally {
        database.close();
      }
    }),
    { numRuns: 60 },
  );
  const database = await connect(
    makeProfile({ attach: [{ path: `${folder}/source.duckdb`, alias: 'source_memories' }] }),
    () => undefined,
  );
  expect(await query(database, `select table_name from duckdb_tables() where table_name = 'pwned'`)).toEqual([]);
  database.close();
});

test.each([
  ['name', [`json"; create table pwned as select 1; --`]],
  ['name of an object', [{ name: `json'; create table pwned as select 1; --`, repo: 'community' }]],
])('an extension’s %s is a plain name or refused as the profile is read', (_, extensions) => {
  expect(() => makeProfile({ extensions })).toThrow(ConfigurationError);
});

test('a repository is a name or an address, never more of the statement', async () => {
  for (const repo of [`community; create table pwned as select 1`, `x' ; drop table trace; --`, `core"; --`]) {
    const settings = { extension_directory: makeFolder() };
    const opening = connect(
      makeProfile({ extensions: [{ name: 'no_such_extension', repo }], settings }),
      () => undefined,
    );
    await expect(opening).rejects.toThrow(ServiceError);
    await expect(opening).rejects.not.toThrow(/Parser Error/);
  }
});
