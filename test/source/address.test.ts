import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../memory/errors.ts';
import { resolveAddress, sourceAddress } from '../../source/address.ts';
import { formatUri, parseConninfo, placeOf } from '../../source/conninfo.ts';
import { makeFolder, makeProfile } from '../support/database.ts';

test.each([
  [
    'postgresql://joe:s%40p@db:6432/agents?sslmode=require',
    { host: 'db', port: '6432', dbname: 'agents', user: 'joe', password: 's@p', sslmode: 'require' },
  ],
  ['postgres:///?service=agents', { service: 'agents' }],
  ['postgresql://[::1]/agents', { host: '::1', dbname: 'agents' }],
  [`host=db  port = 6432 password='it''s'`, null],
  [`host=db password='it\\'s \\\\ here' dbname=a\\ b`, { host: 'db', password: `it's \\ here`, dbname: 'a b' }],
  ['postgres:dbname=agents', { dbname: 'agents' }],
  ['', {}],
  ['host', null],
  ['postgresql://joe:50%@db/agents', null],
])('the address %s is read as libpq reads it', (address, expected) => {
  if (expected !== null) expect(parseConninfo(address)).toEqual(expected);
  else expect(() => parseConninfo(address)).toThrow(ConfigurationError);
});

test.each([
  ['postgresql://joe:secret@db:6432/agents?sslmode=require', 'db:6432/agents'],
  ['host=db dbname=agents password=secret', 'db:5432/agents'],
  ['postgres:///?service=agents', 'service agents'],
  ['', 'localhost:5432'],
])('of the address %s only the place is told', (address, place) => {
  expect(placeOf(address)).toBe(place);
});

test.each(['.', '..', '...', './'])('a database that is called %s comes through a URI', (dbname) => {
  expect(parseConninfo(formatUri({ dbname, user: 'joe' }))).toEqual({ dbname, user: 'joe' });
});

test('whatever an address holds comes through a URI unchanged', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => value.isWellFormed());
  fc.assert(
    fc.property(fc.record({ host: text, dbname: text, user: text, password: text }), (conninfo) => {
      expect(parseConninfo(formatUri(conninfo))).toEqual(conninfo);
    }),
  );
});

describe('a password that the address leaves out', () => {
  const files = (passwords: string) => {
    const folder = makeFolder();
    const file = join(folder, 'passwords');
    writeFileSync(file, passwords, { mode: 0o600 });
    return { file, env: { HOME: folder, PGPASSFILE: file } };
  };
  const passwordFor = (address: string, passwords: string) =>
    parseConninfo(resolveAddress(address, files(passwords).env))['password'];

  test.each([
    ['postgresql://joe@db:6432/agents', '# db:6432:agents:joe:no\ndb:6432:agents:joe:yes\n', 'yes'],
    ['postgresql://joe@db/agents', 'db:6432:*:joe:no\n*:5432:*:joe:yes\n*:*:*:*:later\n', 'yes'],
    ['host=db user=joe', 'db:*:joe:joe:the database is called like the user', 'the database is called like the user'],
    ['host=::1 user=joe dbname=a', '\\:\\:1:5432:a:joe:with \\: and \\\\', 'with : and \\'],
    ['postgresql://joe@db/agents', 'db:5432:agents:ada:no\n', undefined],
    ['postgresql://joe:own@db/agents', '*:*:*:*:no\n', 'own'],
  ])('is looked up for %s', (address, passwords, expected) => {
    expect(passwordFor(address, passwords)).toBe(expected);
  });

  test('is not taken from a file that others may read, as in libpq', () => {
    const { file, env } = files('*:*:*:*:open\n');
    chmodSync(file, 0o644);
    expect(resolveAddress('postgresql://joe@db/agents', env)).toBe('postgresql://joe@db/agents');
  });

  test('may stand in PGPASSWORD, which wins over the file', () => {
    const { env } = files('*:*:*:*:file\n');
    const resolved = resolveAddress('postgresql://joe@db/agents', { ...env, PGPASSWORD: 'variable' });
    expect(parseConninfo(resolved)['password']).toBe('variable');
  });
});

describe('a service', () => {
  const folder = () => {
    const made = makeFolder();
    writeFileSync(
      join(made, 'services'),
      '# ours\n[other]\nhost=no\n\n[agents]\nhost=db\nport=6432\n#user=no\nuser=joe\npassword=from = file\n',
    );
    return made;
  };

  test('fills in what the address leaves open, from PGSERVICEFILE', () => {
    const env = { PGSERVICEFILE: join(folder(), 'services') };
    const expected = { host: 'db', port: '6432', user: 'ada', password: 'from = file', dbname: 'agents' };
    for (const address of ['service=agents user=ada dbname=agents', 'postgresql://ada@/agents?service=agents'])
      expect(parseConninfo(resolveAddress(address, env))).toEqual(expected);
    expect(parseConninfo(resolveAddress('user=ada dbname=agents', { ...env, PGSERVICE: 'agents' }))).toEqual(expected);
  });

  test('that no file defines is named, with the files', () => {
    const env = { PGSERVICEFILE: join(folder(), 'services') };
    expect(() => resolveAddress('service=nobody', env)).toThrow(/service "nobody" is defined in none of: .*services/);
  });
});

describe('where results are written back to', () => {
  const source = { alias: 'source_memories', type: 'postgres' };

  test('is the database of the source attachment', () => {
    const path = 'postgresql://joe:pw@db/agents';
    const attach = [
      { path: 'postgresql://other/x', alias: 'other', type: 'postgres' },
      { ...source, path },
    ];
    expect(sourceAddress(makeProfile({ attach }))).toBe(path);
  });

  test.each([
    ['that it names', { secret: 'pg' }, { type: 'postgres', name: 'pg' }],
    ['that is numbered by position', { secret: '_dbt_secret_2' }, { type: 'postgres' }],
    ['that DuckDB takes by default', {}, { type: 'postgres', name: '' }],
  ])('is completed by the secret %s', (_, fields, named) => {
    const attach = [{ ...source, ...fields, path: 'dbname=agents' }];
    const secrets = [
      { type: 's3', secret: 'no' },
      { ...named, host: 'db', port: 6432, username: 'joe', password: 'p w', database: 'no' },
    ];
    expect(parseConninfo(sourceAddress(makeProfile({ attach, secrets })) ?? '')).toEqual({
      ...{ host: 'db', port: '6432', user: 'joe', password: 'p w', dbname: 'agents' },
    });
  });

  test('is left open by a source that is no PostgreSQL', () => {
    expect(sourceAddress(makeProfile())).toBeNull();
  });
});
