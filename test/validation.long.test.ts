import { expect, test } from 'vitest';
import { withFolder } from '../bench/biomem.ts';
import { withLab, type Lab } from '../bench/lab.ts';
import { compare, makeFiles, validate } from '../bench/validation.ts';
import { validateForgetting } from '../bench/validation/forgetting.ts';
import { validatePractice } from '../bench/validation/practice.ts';
import { validateTraces } from '../bench/validation/traces.ts';
import type { Found } from '../bench/validation/target.ts';

test('docs/validation.md and its pictures say what the macros and statements give against published findings', async () => {
  const { targets, figures } = await validate();
  expect(new Set(targets.map(({ id }) => /\d+/.exec(id)?.[0])).size).toBe(23);
  expect(figures.map(({ name }) => name)).toEqual(['retention', 'spacing', 'serial-position', 'fan']);
  expect(await compare(await makeFiles(targets, figures), false)).toEqual([]);
});

test.each<[string, string, (lab: Lab) => Promise<Found>, string[]]>([
  [
    'an exponential for the curve of FSRS',
    'fsrs_r(t, s) as exp(ln(0.9) * t / s)',
    ({ database }) => validateForgetting(database),
    ['V1', 'V2 (a)', 'V3'],
  ],
  [
    'a success that is worth half as much again',
    'fsrs_next_s(s, d, r, g, dt) as s * 1.5',
    ({ database }) => validatePractice(database),
    ['V4', 'V5', 'V6'],
  ],
  [
    'a cortex that learns at once',
    'cortical_step(s_c, idle, s_h, schema_fit, rho, kappa, half_life) as 0.9',
    ({ database }) => validateTraces(database),
    ['V15', 'V16'],
  ],
])('%s misses its targets', async (_, macro, part, missed) => {
  const { targets } = await withFolder((folder) =>
    withLab({ folder, model: null }, async (lab) => {
      await lab.database.use((connection) => connection.run(`create or replace macro ${macro}`));
      return part(lab);
    }),
  );
  expect(targets.filter(({ verdict }) => verdict === 'missed').map(({ id }) => id)).toEqual(missed);
});
