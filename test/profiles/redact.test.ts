import { expect, test } from 'vitest';
import { isSecretName, redact, redactAddress } from '../../profiles/redact.ts';
import { loadOutput, refusal } from './folder.ts';

test.each([
  ['postgresql://me:hunter2@db/c', 'postgresql://me:*****@db/c'],
  ["ATTACH 'postgresql://me:o''p@x/y@db:5432/c' AS a", "ATTACH 'postgresql://me:*****@db:5432/c' AS a"],
  ['postgresql://postgres@127.0.0.1:5432/memories', 'postgresql://postgres@127.0.0.1:5432/memories'],
  ['https://ghp_token@github.com/x', 'https://*****@github.com/x'],
  ['http://ghp_token:@github.com/x', 'http://*****@github.com/x'],
  ['http://me:hunter2@github.com/x', 'http://me:*****@github.com/x'],
  ['postgresql://me:@db/c', 'postgresql://me:@db/c'],
  ['http://127.0.0.1:11434/api', 'http://127.0.0.1:11434/api'],
  ['http://h/?key=hunter2', 'http://h/?key=*****'],
  ['http://h/?token=hunter2&x=1', 'http://h/?token=*****&x=1'],
  ['http://h/?x=1&api_key=hunter2#top', 'http://h/?x=1&api_key=*****'],
  ['s3://b/f?X-Amz-Credential=AKIA&X-Amz-Signature=ab', 's3://b/f?X-Amz-Credential=*****&X-Amz-Signature=*****'],
  ['https://h/?sv=1&sig=ab%3D&monkey=1', 'https://h/?sv=1&sig=*****&monkey=1'],
  ['postgresql://me@db/c?options=-c%20a.b=hunter2', 'postgresql://me@db/c?options=-c%20a.b=*****'],
  ['postgresql://me@db/c?options=-c%20a.b%3Dhunter2&x=1', 'postgresql://me@db/c?options=-c%20a.b%3D*****&x=1'],
  ['postgresql://me@db/c?options=-ca.b=h%5C%20u%20-c%20c=1', 'postgresql://me@db/c?options=-ca.b=*****%20-c%20c=1'],
  [`host=db options='-c a.b=hun\\ ter --c.d=2' user=me`, `host=db options='-c a.b=***** --c.d=*****' user=me`],
  ['options=-c%20statement_timeout=5s', 'options=-c%20statement_timeout=5s'],
  ['Authorization: Bearer hunter2', 'Authorization: *****'],
  ['authorization: Basic aHVudGVyMg==, Accept: text', 'authorization: ***** Accept: text'],
  ['Authorization: Digest username="me", response="hunter2"', 'Authorization: *****'],
  ['{"Authorization":"Bearer hunter2","a":1}', '{"Authorization":*****,"a":1}'],
  ['Authorization: hunter2 (from profiles.yml)', 'Authorization: ***** (from profiles.yml)'],
  ['Cookie: a=hunter2; b=hunter3 was sent', 'Cookie: ***** was sent'],
  [`set s3_secret_access_key_typo = 'hunter2'`, 'set s3_secret_access_key_typo = *****'],
  ['s3_secret_acces_key: hunter2', 's3_secret_acces_key: *****'],
  ['password_file=/run/secrets/db', 'password_file=/run/secrets/db'],
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

test.each([
  ...['password', 'passwd', 'pwd', 'passphrase', 'secret', 'token', 'key_id', 'connection_string', 'authorization'],
  ...['api_key', 'api-key', 'apikey', 'access_key', 'account_key', 'encryption_key', 'private_key', 'cookie'],
])('what is named %s is a secret, also after other words, in capitals and in each notation', (name) => {
  expect([name, `x_${name}`, `X_${name}`.toUpperCase(), `${name}_typo`].map(isSecretName)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(redact(`${name}=hunter2 x_${name}: hunter2 ${name} 'hunter2'`, {})).toBe(
    `${name}=***** x_${name}: ***** ${name} *****`,
  );
  expect(redact('hunter2', { [`X_${name}`]: 'hunter2' })).toBe('*****');
});

test.each(['secret_directory', 'password_file', 'token_limit', 'secrets', 'key', 'monkey', 'default_secret_storage'])(
  'what is named %s is no secret',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);

test('a variable that goes on after the word for a secret is none: its value would be hidden wherever that word stands', () => {
  expect(redact('once more', { X_TOKEN_MODE: 'once' })).toBe('once more');
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
  const texts = [
    'password_'.repeat(10_000),
    'a-'.repeat(50_000),
    '://:'.repeat(25_000),
    'password '.repeat(10_000),
    `password='x`.repeat(10_000),
  ];
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
