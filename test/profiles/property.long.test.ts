import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../../memory/errors.ts';
import { describeProfile, masked } from '../../profiles/description.ts';
import { resolveProfile } from '../../profiles/profile.ts';
import { makeFolder } from './folder.ts';

const env = {
  A: 'b',
  DBT_ENV_SECRET_X: 'owl9secret',
  SOURCE: 'postgresql://ada:owl8secret@h/d',
  API_TOKEN: 'owl7secret',
};

const template = fc.constantFrom(
  "{{ env_var('A') }}",
  "{{ env_var('DBT_ENV_SECRET_X') }}",
  "x{{ env_var('DBT_ENV_SECRET_X') ~ env_var('SOURCE') }}",
  "{{ env_var('SOURCE') }}",
  "{{ env_var('SOURCE').split(':') | last | as_number }}",
  "{{ env_var('API_TOKEN') | int + 1 }}",
  "{{ env_var('A', 1) | as_number }}",
  "{{ x.y['z'] }}",
  '{{ 1 + "a" }}',
  '{{',
  '{% if a %}',
  "{{ 'a'.split('') }}",
);
const scalar = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  template,
);
const key = fc.oneof(
  fc.constantFrom(
    'type',
    'threads',
    'path',
    'database',
    'schema',
    'settings',
    'config_options',
    'extensions',
    'attach',
    'secrets',
    'pipeline',
    'source',
    'columns',
    'llm',
    'parameters',
    'timezone',
    'options',
    'alias',
    'name',
    'repo',
    'scope',
    'retries',
    'max_memory',
    'remote',
    'plugins',
    '__proto__',
    'constructor',
    'toString',
    '<<',
  ),
  fc.string(),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => new Map(entries)),
  ),
}));
const output = fc
  .array(fc.tuple(key, value), { maxLength: 6 })
  .map((entries) => new Map([['type', 'duckdb'], ...entries] as [string, unknown][]));
const profile = output.map((dev) => stringify({ p: { target: 'dev', outputs: { dev } } }, { merge: false }));
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('abc:-[]{}&*!|>\'"#%@`, \n\t<?')), maxLength: 60 }),
);

const valid = `p:
  target: dev
  outputs:
    dev: &dev
      type: duckdb
      path: "{{ env_var('A', '/data/x.duckdb') }}"
      threads: "{{ '4' | as_number }}"
      settings: {memory_limit: 4GB, temp_directory: /tmp/x, enable_external_access: false}
      extensions: [json, {name: h3, repo: community}]
      secrets:
        - {type: s3, key_id: "{{ env_var('API_TOKEN') }}", secret: x, scope: [s3://a, s3://b]}
      attach:
        - path: "{{ env_var('SOURCE') }}"
          type: postgres
          alias: src
          read_only: true
          options: {schema: public}
      retries: {connect_attempts: 3, retryable_exceptions: [IOException]}
      pipeline: {source: {attachment: src}, timezone: Europe/Berlin}
    prod: {<<: *dev, path: "x{{ env_var('DBT_ENV_SECRET_X') }}"}
`;
const sign = fc.constantFrom(
  ...Array.from('abc:-[]{}&*!|>\'"#%@`, \n\t<?0'),
  '{{',
  '}}',
  '{%',
  '\n  ',
  ': ',
  '- ',
  '*dev',
  '&dev',
);
/** A profile in which a few places are left out, repeated or overwritten. */
const mutated = fc
  .array(fc.record({ at: fc.nat(valid.length), gone: fc.nat(12), put: fc.oneof(sign, template, fc.constant('')) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((changes) =>
    changes.reduce((text, { at, gone, put }) => text.slice(0, at) + put + text.slice(at + gone), valid),
  );

test.each([
  ['mutated profile', mutated, 4_000],
  ['profile', profile, 3_000],
  ['document', value.map((any) => stringify(any)), 1_000],
  ['text', anyText, 2_000],
] as const)(
  'no %s makes the loader throw anything but a ConfigurationError, show a secret, or take a second',
  (_, yaml, numRuns) => {
    const folder = makeFolder({});
    fc.assert(
      fc.property(yaml, fc.constantFrom('dev', 'prod'), (text, target) => {
        writeFileSync(join(folder, 'profiles.yml'), text);
        const started = performance.now();
        expect(told(folder, target)).not.toMatch(/owl\dsecret/);
        expect(performance.now() - started).toBeLessThan(1_000);
      }),
      { numRuns },
    );
  },
);

/** All that is said about the profile in the folder. */
function told(folder: string, target: string): string {
  try {
    const resolved = resolveProfile({ profile: 'p', target, cwd: folder, env: { ...env, HOME: folder } });
    return JSON.stringify(describeProfile(resolved, masked(env)));
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return String(error);
  }
}
