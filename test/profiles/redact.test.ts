import { expect, test } from 'vitest';
import { redact, redactAddress } from '../../profiles/redact.ts';
import { loadOutput, refusal } from './folder.ts';

test.each([
  ['postgresql://me:hunter2@db/c', 'postgresql://me:*****@db/c'],
  ["ATTACH 'postgresql://me:o''p@x/y@db:5432/c' AS a", "ATTACH 'postgresql://me:*****@db:5432/c' AS a"],
  ['postgresql://postgres@127.0.0.1:5432/memories', 'postgresql://postgres@127.0.0.1:5432/memories'],
  ['https://ghp_token@github.com/x', 'https://*****@github.com/x'],
  ['http://127.0.0.1:11434/api', 'http://127.0.0.1:11434/api'],
  ['host=db password=hunter2 user=me', 'host=db password=***** user=me'],
  [`host=db password='hun\\'ter 2' user=me`, 'host=db password=***** user=me'],
  [`ATTACH 'host=db password=''hun ter'' user=me'`, `ATTACH 'host=db password=***** user=me'`],
  ['postgresql://db/c?sslpassword=hunter2&x=1', 'postgresql://db/c?sslpassword=*****&x=1'],
  [`{"password":"hun\\"ter2","a":1}`, `{"password":*****,"a":1}`],
  [
    `CREATE SECRET "pg" (type s3, key_id 'AK''IA', secret 'x y')`,
    'CREATE SECRET "pg" (type s3, key_id *****, secret *****)',
  ],
  ['PGPASSWORD: hunter2', 'PGPASSWORD: *****'],
  ['X-Api-Key: hunter2', 'X-Api-Key: *****'],
  ['secrets[0].secret is missing', 'secrets[0].secret is missing'],
  [`Unexpected token 'o', "not json" is not valid JSON`, `Unexpected token 'o', "not json" is not valid JSON`],
])('%s is shown as %s', (text, shown) => {
  expect(redact(text, {})).toBe(shown);
});

test.each([
  ['postgres://me:secret@host:5432/db', 'postgres://me:*****@host:5432/db'],
  ['postgres://me:sec@r/et#@host/db', 'postgres://me:*****@host/db'],
  ['postgres://me@host/db?password=secret&sslmode=require', 'postgres://me@host/db?password=*****&sslmode=require'],
  ["host=h password='a secret' user=me", 'host=h password=***** user=me'],
  ['postgres://me:a b@host/db', 'postgres://me:*****@host/db'],
  ['postgres://host/db', 'postgres://host/db'],
  ['https://:secret@host/', 'https://:*****@host/'],
])('the address %s is shown as %s', (url, shown) => {
  expect(redactAddress(url)).toBe(shown);
});

test('values of secret variables are hidden in every spelling', () => {
  const env = {
    DBT_ENV_SECRET_A: "it's",
    DBT_ENV_SECRET_B: 'x',
    SOURCE_URL: 'postgresql://me:p%40ss@h/d',
    API_TOKEN: 'abcdef',
    USE_TOKEN: 'true',
    HOME: '/home/me',
  };
  const text = `it's it''s it's p%40ss p@ss abcdef true /home/me`;
  expect(redact(text, env)).toBe('***** ***** ***** ***** ***** ***** true /home/me');
  expect(redact('a x b', env)).toBe('a ***** b');
});

test('a secret of the environment shows up in no error and no warning of the loader', () => {
  const env = { DBT_ENV_SECRET_X: 'hunter2secret', PG_URL: 'postgresql://me:hunter2plain@h/d' };
  const shown = [
    refusal(() => loadOutput(`threads: "{{ env_var('DBT_ENV_SECRET_X') }}"`, { env })),
    refusal(() => loadOutput(`threads: "{{ env_var('PG_URL') }}"`, { env })),
    refusal(() => loadOutput(`threads: "{{ env_var('PG_URL') | as_number }}"`, { env })),
    refusal(() => loadOutput(`threads: "{{ (env_var('PG_URL').split(':') | last) | as_number }}"`, { env })),
    refusal(() => loadOutput(`database: x\npath: "{{ env_var('PG_URL') }}"`, { env })),
    ...loadOutput('pasword: hunter2secret', { env }).warnings,
  ].join('\n');
  expect(shown).not.toMatch(/hunter2/);
});

test('the folder that the shell is in is no password', () => {
  const env = { PWD: '/home/ada', OLDPWD: '/srv', MY_PWD: 'hunter2hunter2' };
  expect(redact('/home/ada/journal.jsonl:2 and /srv, but hunter2hunter2', env)).toBe(
    '/home/ada/journal.jsonl:2 and /srv, but *****',
  );
});

test('of a secret that is a URL the password is hidden, and where it leads is not', () => {
  const env = { DBT_ENV_SECRET_URL: 'postgresql://me:hunter2@db:5432/c' };
  expect(redact('cannot reach postgresql://me:hunter2@db:5432/c, hunter2', env)).toBe(
    'cannot reach postgresql://me:*****@db:5432/c, *****',
  );
});

test('a long text takes no longer for each of its words', () => {
  const texts = ['a-'.repeat(50_000), '://:'.repeat(25_000), 'password '.repeat(10_000), `password='x`.repeat(10_000)];
  const started = performance.now();
  for (const text of texts) redact(text, {});
  expect(performance.now() - started).toBeLessThan(1_000);
});

test('a value that is too long to show is not shown in part: half a URL no longer looks like one', () => {
  const url = `postgresql://a-user-with-a-rather-long-name:hunter2hunter2hunter2@h/d`;
  expect(refusal(() => loadOutput(`threads: "${url}"`))).toContain('threads must be a number, not text');
  const late = `${'{{ x }} '.padEnd(170, 'x')} postgresql://me:${'hunter2'.repeat(9)}@h/d`;
  expect(refusal(() => loadOutput(`schema: "${late}"`))).not.toContain('hunter2');
});

test.each([
  ['postgresql://me:hunter2/barn@h/d', 'invalid integer value "hunter2" for connection option "port"'],
  ['postgresql://me:hunter2@barn@h/d', 'could not translate host name "barn@h" to address'],
  ['postgresql://me:hunter2 barn@h/d', 'unexpected spaces found in "hunter2 barn"'],
  ['host=h password=hunter2 barn', 'missing "=" after "barn" in connection info string'],
  [`host=h password='hunter2 barn`, `at "host=h password='hunter2 barn": unterminated quoted string`],
  ['host=h password=hunter2\\ barn user=me', 'at "host=h password=hunter2\\ barn user=me"'],
])('what libpq says of a part of the password of %s is hidden', (address, message) => {
  const known = [
    redact(message, { SOURCE_URL: address }),
    redact(message, { DBT_ENV_SECRET_URL: address }),
    redact(message, {}, [address]),
  ];
  for (const shown of known) expect(shown).not.toMatch(/hunter2|barn/);
});

test('of a variable that only mentions a password nothing is hidden', () => {
  const env = { NOTE: 'say password=hunter2 and then hello there' };
  expect(redact('hello there', env)).toBe('hello there');
});
