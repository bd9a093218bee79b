import { expect, test } from 'vitest';
import { load, loadOutput, refusal } from './folder.ts';

const env = { EMPTY: '', FOUR: '4', LIST: 'a,b', YES: 'True', WORD: 'many', PYTHON: "['x', {'y': 1}]" };

/** What a template gives, seen through `settings`, which keep any type of scalar. */
const render = (template: string, request = {}) =>
  loadOutput(`settings: {x: ${JSON.stringify(template)}}`, { env, ...request }).settings['x'];

// Each value is dbt's, unless the name of a later test says otherwise.
test.each([
  ['plain', 'plain'],
  ['plain\n', 'plain'],
  ['plain\n\n', 'plain\n'],
  ["{{ env_var('FOUR') }}", '4'],
  ["{{ env_var('FOUR') | as_number }}", 4],
  [" {{ env_var('FOUR') | as_number }}", ' 4'],
  ["{{ env_var('NONE', 3) }}", 3],
  ["{{ env_var('NONE', default='x') }}", 'x'],
  ["{{ env_var('EMPTY', 'x') }}", ''],
  ["{{ env_var('EMPTY') or 'x' }}", 'x'],
  ["{{ env_var('YES') | as_bool }}", true],
  ["{{ env_var('NONE', true) }}", true],
  ["a{{ env_var('NONE', true) }}b", 'aTrueb'],
  ["{{ env_var('FOUR') | int }}", 4],
  ["{{ env_var('WORD') | int }}", 0],
  ["{{ env_var('PYTHON') | as_text }}", "['x', {'y': 1}]"],
  ["{{ (env_var('PYTHON') | as_native)[1] }}", "'"],
  // A filter such as as_native marks a text, which is read when nothing else is left to do.
  ["{{ 'x' if ('None' | as_native) is none else 'y' }}", 'y'],
  ["{{ '1_000' | as_number }}", 1000],
  ["{{ '-1.5e3' | as_number }}", -1500],
  ["{{ env_var('LIST').split(',')[1] }}", 'b'],
  ["{{ env_var('LIST').split(',') | last }}", 'b'],
  ["{{ env_var('EMPTY') | default('x', true) }}", 'x'],
  ["{{ env_var('NONE', '007') | int }}", 7],
  // What depends on nothing is printed before the template is run, and so it is text.
  ["{{ '007' | int }}", '7'],
  ['{{ 5 }}', '5'],
  ['{{ none }}', 'None'],
  ['{% set x = 5 %}{{ x }}', 5],
  ["{{ env_var('WORD') | first }}", 'm'],
  ["{{ 'a' ~ 1 ~ none }}", 'a1None'],
  ["{{ 'p' if env_var('FOUR') == '4' else 'q' }}", 'p'],
  ["{{ 'p' if 'c' in env_var('LIST').split(',') else 'q' }}", 'q'],
  ["{{ not (1 < 2 and 'a' != 'b') }}", 'False'],
  ["{{ not env_var('EMPTY') }}", true],
  ["{{ (env_var('FOUR') | int) * 2 + 1 }}", 9],
  ["{{ env_var('FOUR') }}{{ env_var('FOUR') }}", '44'],
  ['{# a comment #}x', 'x'],
  ['{{ fromjson(\'{"a": [1, 2]}\').a[-1] }}', 2],
  ["{{ var('who', 'nobody') }}", 'nobody'],
  ['€ {{ "😀" }}', '€ 😀'],
])('%j gives %j', (template, value) => {
  expect(render(template)).toBe(value);
});

test('var() sees the variables of the command line, with their types', () => {
  expect(render("{{ var('n') }}", { vars: { n: 7 } })).toBe(7);
  expect(render("{{ var('list')[0] }}", { vars: { list: ['a'] } })).toBe('a');
});

test('only the chosen output is rendered', () => {
  const yaml = `p: {target: a, outputs: {a: {type: duckdb}, b: {type: duckdb, path: "{{ env_var('NOT_SET') }}"}}}`;
  expect(load(yaml).path).toBe(':memory:');
  expect(refusal(() => load(yaml, { target: 'b' }))).toMatch(
    /:1:63: p\.outputs\.b\.path needs the .* variable NOT_SET/,
  );
});

test('a missing variable names itself, the place, the path and what to do', () => {
  const message = refusal(() => loadOutput(`attach:\n  - path: "{{ env_var('POSTGRES_DB_URL') }}"`));
  expect(message).toMatch(/profiles\.yml:7:11: p\.outputs\.dev\.attach\[0\]\.path needs the .* POSTGRES_DB_URL/);
  expect(message).toContain("Set it, or give a default in the profile: {{ env_var('POSTGRES_DB_URL', '...') }}.");
});

test.each([
  ["{{ env_var('A' }}", "env_var('A'"],
  ["{{ env_var('WORD') | as_number }}", "could not convert value 'many' into type 'number'"],
  ["{{ 'true' | as_bool }}", 'True or False'],
  ["{{ '1' | as_bool }}", "into type 'bool'"],
  ["{{ '010' | as_number }}", "into type 'number'"],
  ['{{ undefined_thing }}', "'undefined_thing' is not defined"],
  ['a {{ undefined_thing }}', "'undefined_thing' is not defined"],
  ["{{ env_var('NONE', none) }}", 'NONE'],
  ["{{ env_var('constructor') }}", 'environment variable constructor'],
  ["{{ var('toString') }}", 'variable toString'],
  ['{{ env_var() }}', 'env_var needs var'],
  ['{{ env_var(5) }}', 'needs the name of a variable'],
  ["{{ env_var('DBT_ENV_PRIVATE_X') }}", 'DBT_ENV_PRIVATE_X'],
  ["{{ ''.constructor.constructor('return process')() }}", 'cannot be rendered'],
  ["{{ env_var['constructor'] }}", 'cannot be rendered'],
  ["{{ 'a'.constructor }}", 'has no member constructor'],
  ["{{ {'a': 1}.__proto__ }}", 'has no member __proto__'],
  ["{{ 'a' * 1000000000 }}", 'a value may have 1000000 characters'],
  ['{{ [1] * 1000000000 }}', 'a value may have 1000000 characters'],
  ["{{ 'a' | center(1000000000) }}", 'a value may have 1000000 characters'],
  ["{{ '%1000000000d' % 1 }}", 'a value may have 1000000 characters'],
  ["{{ '{:>1000000000}'.format(1) }}", 'a value may have 1000000 characters'],
  ["{{ ('a' * 2000).replace('a', 'b' * 2000) }}", 'a value may have 1000000 characters'],
  ["{{ ['a'] | batch(1000000000, 'x') | list }}", 'a value may have 1000000 characters'],
  ['{{ 10 ** (10 ** 10) }}', '4300 digits'],
  ['{{ range(1000000000) | list }}', '100000 numbers'],
  ['{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}', 'take too much work'],
  ['{% set l = [] %}{% for i in range(99999) %}{% do l.append(l) %}{{ l }}{% endfor %}', 'levels deep'],
  ['{% set l = [1] %}{% for i in l %}{% do l.append(i) %}{% endfor %}', 'take too much work'],
  ["{{ 'a' | nothing }}", "no filter 'nothing'"],
  ["{{ 'a' | pprint }}", "the filter 'pprint' is not offered in a profile; use | string"],
  ["{{ 'a' is nothing }}", "no test 'nothing'"],
  ["{{ 'a'.encode() }}", '.encode of a text is not offered'],
  ["{{ modules.re.sub('a', 'b', 'c') }}", 'modules is not offered in a profile'],
  ["{{ fromyaml('a: 1') }}", 'use fromjson()'],
  ['{% macro m() %}{% endmacro %}', '{% macro %} cannot be used in a profile'],
  ['{% for x in [1] %}', 'it ends before {% endfor %}'],
  ['{% break %}', 'stands outside of a loop'],
  [
    "{{ env_var('LIST').split(',') | map('upper') }}",
    'an iterator is no value of a profile; make a list of it with | list',
  ],
  ["{{ 12345678901234567890 + (env_var('FOUR') | int) }}", 'has too many digits to stay exact'],
  ["{{ var('t') }}", 'holds a template itself'],
  ["{{ 'a' if false }}", 'needs an else'],
  ['{{ 1 / 0 }}', 'divides by zero'],
  ['{{ 2 ** 0.5 }}', '** works on whole numbers here'],
  ['{{', 'not a valid template'],
  [`{{ ${'('.repeat(4_000)} }}`, 'not a valid template'],
  [`{{ ${'['.repeat(4_000)}`, 'not a valid template'],
  [`{{ 1 }}${' '.repeat(10_000)}`, '10000 characters'],
])('%.60j is refused: %s', (template, problem) => {
  expect(
    refusal(() => render(template, { env: { ...env, DBT_ENV_PRIVATE_X: 'x' }, vars: { t: '{{ 1 }}' } })),
  ).toContain(problem);
});

test('aliases that multiply end in an error at once', () => {
  const levels = Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`);
  const yaml = ['a0: &a0 [x]', ...levels, 'p: {target: dev, outputs: {dev: {type: duckdb, junk: *a9}}}'].join('\n');
  expect(refusal(() => load(yaml))).toContain('too large');
});

test('two secrets in one value both arrive, and a filter cannot change them', () => {
  const secrets = { DBT_ENV_SECRET_USER: 'me$1', DBT_ENV_SECRET_PASSWORD: "it's{{x}}" };
  const url = "postgresql://{{ env_var('DBT_ENV_SECRET_USER') }}:{{ env_var('DBT_ENV_SECRET_PASSWORD') | upper }}@h/d";
  expect(render(url, { env: secrets })).toBe("postgresql://me$1:it's{{x}}@h/d");
  const message = refusal(() => render("{{ env_var('DBT_ENV_SECRET_USER') | as_number }}", { env: secrets }));
  expect(message).toContain('*****');
  expect(message).not.toContain('me$1');
  expect(refusal(() => render("{{ env_var('DBT_ENV_SECRET_USER')[0] }}", { env: secrets }))).toContain('taken apart');
});

test.each(['lower', 'length', 'urlencode', 'first', "map('upper') | list", "select('string') | list"])(
  'a secret is not looked into by | %s',
  (filter) => {
    const template = `{{ env_var('DBT_ENV_SECRET_A') | ${filter} }}`;
    const message = refusal(() => render(template, { env: { DBT_ENV_SECRET_A: 'hunter2' } }));
    expect(message).toContain('a secret');
    expect(message).not.toContain('hunter2');
  },
);

test('a secret passes through what only moves it', () => {
  const of = (template: string) => render(template, { env: { DBT_ENV_SECRET_A: "it's 0" } });
  expect(of("{{ ['u', env_var('DBT_ENV_SECRET_A')] | join(':') }}")).toBe("u:it's 0");
  expect(of("{{ '%s@%s'.replace('0', '1') % ('u', env_var('DBT_ENV_SECRET_A') | trim) }}")).toBe("u@it's 0");
  expect(of("{{ [env_var('DBT_ENV_SECRET_A')] | string }}")).toBe("['it's 0']");
  expect(of("{% if env_var('DBT_ENV_SECRET_A') == env_var('DBT_ENV_SECRET_A') %}same{% endif %}")).toBe('same');
});

test('a password may look like a broken template', () => {
  const profile = loadOutput('secrets: [{type: postgres, password: "a{{b"}]');
  expect(profile.secrets[0]?.parameters).toEqual({ type: 'postgres', password: 'a{{b' });
});

/** A long value, and a template that stays below its own limit. */
const long = { B: 'x'.repeat(100_000), L: `[${'1,'.repeat(40_000)}1]` };
test.each([
  ['reads a long value again and again', `{{ ${Array(300).fill("env_var('B')").join(' ~ ')} }}`],
  ['takes a long value apart', `{{ ${Array(300).fill("env_var('B') | first").join(' ~ ')} }}`],
  ['parses a long value', `{{ ${Array(200).fill("(fromjson(env_var('L')) | first)").join(' + ')} }}`],
  ['prints a list of long values', `{{ [${Array(300).fill("env_var('B')").join(', ')}] | string }}`],
])('a template that %s ends in an error: its work is counted, so it ends as soon on any machine', (_, template) => {
  expect(refusal(() => render(template, { env: long }))).toMatch(/take too much work/);
});

test('all templates of an output share one budget, and a text that aliases repeat is evaluated once', () => {
  const of = (texts: string[]) => load(`p: {target: dev, outputs: {dev: {type: duckdb, junk: [${texts.join(', ')}]}}}`);
  const template = (index: number) => `"{{ '${'x'.repeat(900)}' ~ ${index} }}"`;
  expect(refusal(() => of(Array.from({ length: 100 }, (_, index) => template(index))))).toContain('too much work');
  const repeated = [`&t ${template(0)}`, ...Array<string>(9_000).fill('*t')];
  expect(of(repeated).warnings).toEqual([expect.stringContaining('junk is unknown')]);
});
