import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { createNames } from '../../profiles/functions.ts';
import { TemplateError } from '../../profiles/jinja/errors.ts';
import { evaluateTemplate } from '../../profiles/jinja/template.ts';
import { toSource } from '../../profiles/jinja/text.ts';
import { asString, Dict, type Py, typeName } from '../../profiles/jinja/values.ts';
import { findDbt, type Dbt } from '../support/dbt.ts';

// dbt's own renderer of profiles is the judge of what a template means, value and type.
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

let dbt: Dbt | null = null;
beforeAll(async () => {
  dbt = await findDbt();
}, 660_000);

const env = {
  ...{ FOUR: '4', N: '-7', F: '2.5', LIST: 'a,b', U: 'some.user@x.org', EMPTY: '', WORD: 'many', YES: 'True' },
  ...{ PY: "['x', {'y': 1}]", J: '{"a": [1, 2.0, "x"], "b": null}', L: 'one\ntwo\n\nthree', Q: 'it\'s "q"' },
  ...{ UNI: 'Straße ÉCLAIR ﬁn 😀x', B: 'feature/ABC-123_x' },
};
const vars = { n: 7, list: ['a', 'b'], d: { k: 'v', z: 1 }, s: 'text', t: true, f: 1.5, none: null };

interface Case {
  readonly template: string;
  /** dbt takes it and we do not, on purpose. */
  readonly refused: boolean;
}

const cases: readonly Case[] = readFileSync(path('./templates.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('# '))
  .map((line) => {
    const template = line.replace(/^! /, '');
    const text = template.startsWith('"') ? (JSON.parse(template) as string) : template;
    return { template: text, refused: line.startsWith('! ') };
  });

/** A value with its types, as the judge spells it. Throws TypeError for what no profile can hold. */
function spelled(value: Py): unknown {
  const text = asString(value);
  if (text !== undefined) return ['str', text];
  if (Array.isArray(value)) return ['list', value.map(spelled)];
  if (value instanceof Dict) return ['dict', value.entries().map((pair) => pair.map(spelled))];
  const type = { boolean: 'bool', bigint: 'int', number: 'float' }[typeof value as string];
  if (type === undefined && value !== null) throw new TypeError(`${typeName(value)} is no value of a profile`);
  return [type ?? 'NoneType', toSource(value)];
}

type Answer = readonly unknown[] | { readonly error: string };

function evaluate(template: string): Answer {
  let work = 0;
  const spend = (more: number) => {
    if ((work += more) > 1_000_000) throw new TemplateError('too much work');
  };
  try {
    const names = createNames({ env, vars }, (_, secret) => secret);
    return spelled(evaluateTemplate(template, names, spend)) as readonly unknown[];
  } catch (error) {
    if (error instanceof TemplateError || error instanceof TypeError) return { error: error.message };
    throw error;
  }
}

const isTaken = (answer: Answer | undefined) => Array.isArray(answer);

test('a template means to us what it means to dbt, or is refused', { timeout: 180_000 }, async ({ skip }) => {
  const judge = dbt ?? skip('dbt cannot be asked');
  const requests = cases.map(({ template }) => ({ template, env, vars }));
  const theirs = (await judge.script(path('./evaluate_with_dbt.py'), requests)) as Answer[];
  const ours = cases.map(({ template }) => evaluate(template));
  const where = (holds: (index: number) => boolean) =>
    cases.filter((_, index) => holds(index)).map(({ template }) => template);
  const differ = where((at) => isTaken(ours[at]) && JSON.stringify(ours[at]) !== JSON.stringify(theirs[at]));
  const counts = [where((at) => isTaken(theirs[at])), where((at) => isTaken(ours[at])), differ].map(
    (all) => all.length,
  );
  process.stderr.write(
    `of ${cases.length} templates dbt takes ${counts[0]}, we take ${counts[1]}, and ${counts[2]} of them differ\n`,
  );
  expect(differ).toEqual([]);
  expect(where((at) => isTaken(theirs[at]) && !isTaken(ours[at]))).toEqual(where((at) => cases[at]!.refused));
  expect(counts[1]).toBeGreaterThan(500);
});

test.each(cases.filter(({ template }) => /constructor|__/.test(template)).map(({ template }) => template))(
  'no template reaches a member of a JavaScript object: %s',
  (template) => {
    expect(JSON.stringify(evaluate(template))).not.toMatch(/function|native code|Object/);
  },
);
