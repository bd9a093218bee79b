import { beforeAll, describe, expect, test, vi } from 'vitest';
import { withFolder } from '../bench/biomem.ts';
import { withLab, type Lab } from '../bench/lab.ts';
import { compare, makeFiles, validate } from '../bench/validation.ts';
import { validateAssociations } from '../bench/validation/associations.ts';
import { validateAttention } from '../bench/validation/attention.ts';
import { validateForgetting } from '../bench/validation/forgetting.ts';
import { validateNetwork } from '../bench/validation/network.ts';
import { validatePractice } from '../bench/validation/practice.ts';
import { validateTraces } from '../bench/validation/traces.ts';
import type { Found } from '../bench/validation/target.ts';

vi.setConfig({ testTimeout: 300_000 });

let found: Awaited<ReturnType<typeof validate>>;
beforeAll(async () => {
  found = await validate();
}, 300_000);

test('docs/validation.md and its pictures say what the macros and statements give against published findings', async () => {
  const { targets, figures } = found;
  expect(new Set(targets.map(({ id }) => /\d+/.exec(id)?.[0])).size).toBe(23);
  expect(targets.filter(({ isExpected }) => !isExpected)).toEqual([]);
  expect(figures.map(({ name }) => name)).toEqual(['retention', 'spacing', 'serial-position', 'fan']);
  expect(await compare(await makeFiles(targets, figures), false)).toEqual([]);
});

type Part = (lab: Lab) => Promise<Found>;
const parts = {
  forgetting: ({ database }) => validateForgetting(database),
  practice: ({ database }) => validatePractice(database),
  attention: ({ database }) => validateAttention(database),
  associations: validateAssociations,
  traces: ({ database }) => validateTraces(database),
  network: validateNetwork,
} as const satisfies Record<string, Part>;

/** What makes each target be missed: a parameter or a formula that is another. */
const BREAKS: readonly (readonly [what: string, part: keyof typeof parts, macro: string, missed: readonly string[]])[] =
  [
    [
      'an exponential for the curve of FSRS',
      'forgetting',
      'fsrs_r(t, s) as exp(ln(0.9) * t / s)',
      ['V1', 'V2 (a)', 'V3'],
    ],
    ['a replay that weakens', 'forgetting', 'fsrs_next_s(s, d, r, g, dt) as s / 9', ['V2b']],
    [
      'a success that is worth half as much again',
      'practice',
      'fsrs_next_s(s, d, r, g, dt) as s * 1.5',
      ['V4', 'V5', 'V6'],
    ],
    ['a capacity that varies by three', 'attention', 'working_memory_capacity_variance() as 3', ['V8']],
    ['a rarity that grows with the fan', 'associations', 'idf(n, df) as df', ['V9']],
    [
      'a link that grows by nights, however much was active',
      'associations',
      'hebb(w, log_product) as w + 0.1 * (1 - w)',
      ['V11a', 'V11b'],
    ],
    ['scaling by nothing', 'associations', 'scaling_max_step() as 0', ['V13', 'V14']],
    ['neighbours of the nearest five only', 'associations', 'tcm_max_lag() as 5', ['V21']],
    [
      ...(['a cortex that learns at once', 'traces'] as const),
      ...(['cortical_step(s_c, idle, s_h, schema_fit, rho, kappa, half_life) as 0.9', ['V15', 'V16']] as const),
    ],
    [
      'a fold by chance',
      'traces',
      'fold_events(steps) as struct_update(steps[1], s := random())',
      ['V15', 'V16', 'V20'],
    ],
    ['a gain that knows no importance', 'traces', 'replay_importance_floor() as 1', ['V23']],
    ['a sum that is the largest', 'network', 'exact_sum(x) as max(x)', ['V18', 'V19']],
    ['no far pair', 'network', 'rem_association_batch_size() as 0', ['V22']],
  ];

/** What is missed as it is, and says why. */
const KNOWN = ['V3b'];

describe('a pipeline that is another misses its targets:', () => {
  test.each(BREAKS)('%s', async (_, part, macro, missed) => {
    const { targets } = await withFolder((folder) =>
      withLab({ folder, model: null }, async (lab) => {
        await lab.database.use((connection) => connection.run(`create or replace macro ${macro}`));
        return parts[part](lab);
      }),
    );
    const now = targets.filter(({ verdict }) => verdict === 'missed').map(({ id }) => id);
    expect(now.filter((id) => !KNOWN.includes(id))).toEqual(missed);
  });

  test('each target is missed by one of these, save for Louvain, which knows no macro', () => {
    const { targets } = found;
    const proved = BREAKS.flatMap(([, , , missed]) => missed);
    expect(targets.filter(({ verdict }) => verdict === 'missed').map(({ id }) => id)).toEqual(KNOWN);
    expect(targets.flatMap(({ id, verdict }) => (verdict === 'met' && !proved.includes(id) ? [id] : []))).toEqual([
      'V19b',
    ]);
  });
});
