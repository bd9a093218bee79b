import { describe, expect, test } from 'vitest';
import { hardCodedCredentials, hideCredentials, hideValues, variablesAt } from '../../profiles/credentials.ts';
import { pathText } from '../../profiles/value.ts';
import { find, findOutput } from './folder.ts';

const paths = (fields: string) =>
  hardCodedCredentials(findOutput(fields)).map((path) => pathText(path).replace('p.outputs.dev.', ''));

describe('a credential that stands in the file is found by its path:', () => {
  test.each([
    ['a password in an address', 'attach: [{path: "postgresql://u:hunter2@h/d"}]', 'attach[0].path'],
    ['a password in a libpq text', `attach: [{path: "host=h password='hun ter' user=u"}]`, 'attach[0].path'],
    ['a password with a blank', 'attach: [{path: "postgresql://u:hun ter@h/d"}]', 'attach[0].path'],
    ['a token before a web address', 'attach: [{path: "https://ghp_abc@h/d.duckdb"}]', 'attach[0].path'],
    ['a token without a password', 'attach: [{path: "http://ghp_abc:@h/d.duckdb"}]', 'attach[0].path'],
    ['a misspelled setting', 'settings: {s3_secret_access_key_typo: abc}', 'settings.s3_secret_access_key_typo'],
    ['a key of a secret', 'secrets: [{type: s3, key_id: AKIA1, secret: "{{ env_var(\'S\') }}"}]', 'secrets[0].key_id'],
    [
      'a header',
      'secrets: [{type: http, extra_http_headers: {Authorization: Bearer x}}]',
      'secrets[0].extra_http_headers.Authorization',
    ],
    [
      'a header by another name',
      'secrets: [{type: http, extra_http_headers: {X-Api-Key: abcd}}]',
      'secrets[0].extra_http_headers.X-Api-Key',
    ],
    ['a setting', 'settings: {s3_secret_access_key: abc}', 'settings.s3_secret_access_key'],
    ['a number', 'secrets: [{type: postgres, password: 12345}]', 'secrets[0].password'],
    ['a default', `secrets: [{type: postgres, password: "{{ env_var('PW', 'hunter2') }}"}]`, 'secrets[0].password'],
    ['a default address', `attach: [{path: "{{ env_var('DB', 'postgresql://u:hunter2@h/d') }}"}]`, 'attach[0].path'],
  ])('%s', (_, fields, path) => {
    expect(paths(fields)).toEqual([path]);
  });

  test('in a target that is not chosen, too', () => {
    const location = find('p: {target: a, outputs: {a: {type: duckdb}, b: {type: duckdb, token: abc1}}}');
    expect(hardCodedCredentials(location)).toEqual([['p', 'outputs', 'b', 'token']]);
  });
});

test.each([
  `attach: [{path: "{{ env_var('DB') }}", secret: my_secret}]`,
  `attach: [{path: "postgresql://u:{{ env_var('PW') }}@h/d"}]`,
  `attach: [{path: "postgresql://postgres@127.0.0.1:5432/memories"}]`,
  `secrets: [{type: postgres, password: "{{ env_var('PW', '') }}"}]`,
  `secrets: [{type: postgres, password: "{{ env_var('PW') | as_text }}"}]`,
  `secrets: [{type: s3, provider: credential_chain}]`,
  `settings: {secret_directory: /x, http_timeout: 3}`,
])('no credential: %s', (fields) => {
  expect(paths(fields)).toEqual([]);
});

test('aliases of aliases are looked at once', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `x${i}: &x${i} [${i === 0 ? 'a' : `*x${i - 1}, *x${i - 1}`}]`);
  expect(paths(lines.join('\n'))).toEqual([]);
});

test('every credential of a rendered output is hidden, in each spelling, and short words are not blotted out', () => {
  const output = {
    secrets: [{ type: 's3', key_id: 'AKIA1', secret: "sec'ret", session_token: 'abc' }],
    attach: [{ path: 'postgresql://u:p%40ss@h/d', secret: 'source' }],
  };
  const hide = hideCredentials(output, {});
  expect(hide(`AKIA1 sec'ret sec''ret p%40ss abc source`)).toBe('***** ***** ***** ***** abc source');
});

test.each([
  ['http://ghp_abc:@h/d.duckdb', 'ghp_abc', '*****'],
  ['http://h/d.duckdb?key=hunter2&x=1', 'hunter2', '*****'],
  ['http://h/d.duckdb?x=1&api_key=hunter2', 'hunter2', '*****'],
  ['http://h/d.duckdb?token=hunter2', 'hunter2', '*****'],
  ['postgresql://u@h/d?options=-c%20a.b=main', 'd?options=-c%20a.b=main and main', 'd?options=***** and main'],
])('of %s, %s is shown as %s, wherever it turns up', (path, text, shown) => {
  expect(hideValues({ attach: [{ path }] })(text)).toBe(shown);
});

test('the value of a misspelled setting is hidden wherever it turns up', () => {
  expect(hideValues({ settings: { s3_secret_access_key_typo: 'hunter2' } })('no hunter2')).toBe('no *****');
});

test('the variables of a value are those of its template, also inside a list or a mapping', () => {
  const location = findOutput(
    `attach: [{path: "{{ env_var('A') }}/{{ env_var(\\"B\\", 'x') }}", alias: "{{ env_var('A') }}"}]`,
  );
  const at = (...path: (string | number)[]) => variablesAt(location, ['p', 'outputs', 'dev', ...path]);
  expect(at('attach', 0)).toEqual(['A', 'B']);
  expect(at('attach', 0, 'alias')).toEqual(['A']);
  expect(at('type')).toEqual([]);
  expect(at('nowhere', 3)).toEqual([]);
});
