import { describe, expect, test } from 'vitest';
import { openLab, type Lab } from '../support/lab.ts';
import { makeRandom } from '../support/random.ts';

const START = Date.parse('2026-03-02T03:00:00Z');
const after = (days: number) => new Date(START + days * 86_400_000).toISOString();

/** Two hundred associations with random weights, used just now. */
async function weigh(mean: number): Promise<Lab> {
  const lab = await openLab();
  const random = makeRandom(5);
  const rows = Array.from({ length: 200 }, (_, index) => {
    const w = mean * (0.1 + 1.8 * random());
    return `('s${index}', 'd', ${Math.min(0.99, w)}, 5, '2026-03-02 03:00', '2026-03-02 03:00')`;
  });
  await lab.rows(
    `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ${rows.join()}`,
  );
  return lab;
}

const weights = async (lab: Lab) => (await lab.list('select w from association order by src')) as number[];
const mean = (values: readonly number[]) => values.reduce((sum, w) => sum + w, 0) / values.length;
const order = (values: readonly number[]) =>
  values
    .map((w, index) => [w, index] as const)
    .toSorted(([v], [w]) => v - w)
    .map(([, index]) => index);

describe('scaling', () => {
  test.each([0.45, 0.3, 0.15])(
    'brings a mean of about %d to the target within ten nights and keeps the ranks',
    async (start) => {
      const lab = await weigh(start);
      const before = await weights(lab);
      for (let night = 1; night <= 10; night += 1) {
        const last = await weights(lab);
        // Used every day, so that only the scaling moves them.
        await lab.rows(`update association set last_at = '${after(night)}'`);
        await lab.run('scaleAssociations', after(night));
        const factors = (await weights(lab)).map((w, index) => w / last[index]!);
        expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.82 - 1e-9);
        expect(Math.max(...factors)).toBeLessThanOrEqual(1 / 0.82 + 1e-9);
      }
      const scaled = await weights(lab);
      expect(Math.abs(mean(scaled) / 0.35 - 1)).toBeLessThan(0.01);
      expect(Math.max(...scaled)).toBeLessThan(1);
      expect(order(scaled)).toEqual(order(before));
    },
  );

  test.each([0.4, 0.3])('of a mean of %d depends on the days that pass, not on how often it runs', async (start) => {
    const lives = [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [1, 8],
      [1, 4, 4.1, 4.2, 8],
    ];
    const [daily, once, oddly] = await Promise.all(
      lives.map(async (days) => {
        const lab = await weigh(start);
        for (const day of days) await lab.run('scaleAssociations', after(day));
        return (await lab.list(`select w from association_at('${after(8)}') order by src`)) as number[];
      }),
    );
    for (const other of [once, oddly]) {
      expect(order(other!)).toEqual(order(daily!));
      other!.forEach((w, index) => expect(Math.abs(w / daily![index]! - 1)).toBeLessThan(0.02));
    }
  });

  test('again within the hour has hardly anything to do', async () => {
    const lab = await weigh(0.15);
    await lab.run('scaleAssociations', after(1));
    const before = await weights(lab);
    await lab.run('scaleAssociations', after(1 + 1 / 24));
    (await weights(lab)).forEach((w, index) => expect(w / before[index]!).toBeLessThan(1.01));
  });

  test('upwards stops at 1, and below it keeps the ranks', async () => {
    const lab = await weigh(0.15);
    await lab.rows('update association set w = 0.9 + w / 100 where w > 0.25');
    const before = await weights(lab);
    await lab.run('scaleAssociations', after(1));
    const scaled = await weights(lab);
    const bounded = order(before).slice(-scaled.filter((w) => w === 1).length);
    expect(bounded.length).toBeGreaterThan(1);
    // Those that the bound ties were the strongest.
    for (const index of bounded) expect(scaled[index]).toBe(1);
    expect(Math.max(...scaled)).toBe(1);
    const others = (values: readonly number[]) => order(values).slice(0, -bounded.length);
    expect(others(scaled)).toEqual(others(before));
  });

  test('downwards spares the strongest fifth and takes the same share of all others', async () => {
    const lab = await weigh(0.53);
    const before = await weights(lab);
    await lab.run('scaleAssociations', after(1));
    const factors = (await weights(lab)).map((w, index) => w / before[index]!);
    const strongest = new Set(order(before).slice(160));
    factors.forEach((factor, index) => expect(factor).toBeCloseTo(strongest.has(index) ? 1 : 0.82, 5));
  });

  test('of no associations does nothing', async () => {
    const lab = await openLab();
    expect(await lab.run('scaleAssociations', after(0))).toEqual({ scaled: 0, pruned: 0, associations: 0 });
  });
});

describe('pruning', () => {
  test('takes what is weak, idle for a month and hardly ever active together', async () => {
    const lab = await openLab();
    const memory = (id: string, importance: number) => ({
      id,
      at: '2026-03-01T10:00:00Z',
      content: id,
      found: { importance },
    });
    await lab.write(
      memory('plain', 0.5),
      memory('hub', 0.9),
      memory('lonely', 0.9),
      memory('gone', 0.5),
      memory('other', 0.5),
    );
    await lab.live('2026-03-02T03:00:00Z', ['ingestMemories', 'readFeatures']);
    await lab.erase('gone');
    await lab.live('2026-03-03T03:00:00Z', ['ingestMemories']);
    const row = (src: string, dst: string, w: number, n: number, last: string) =>
      `('${src}', '${dst}', ${w}, ${n}, '${last} 03:00', '${last} 03:00')`;
    await lab.rows(
      `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ${[
        row('plain', 'weak', 0.01, 1, '2026-01-31'),
        row('plain', 'idle a month', 0.01, 1, '2026-02-01'),
        row('plain', 'active twice', 0.01, 2, '2026-01-01'),
        row('plain', 'strong', 0.9, 0, '2026-01-01'),
        row('hub', 'weak', 0.01, 0, '2026-01-01'),
        row('hub', 'weak too', 0.01, 0, '2026-01-01'),
        row('lonely', 'weak', 0.01, 0, '2026-01-01'),
        row('gone', 'plain', 0.9, 9, '2026-03-01'),
        row('other', 'gone', 0.9, 9, '2026-03-01'),
      ].join()}`,
    );
    // Scaling is bounded by 1/0.82, so that the weak stay weak.
    expect(await lab.run('scaleAssociations', '2026-03-03T03:00:00Z')).toMatchObject({ pruned: 4, associations: 5 });
    expect(await lab.list(`select src || ' - ' || dst from association order by 1`)).toEqual([
      // An important memory keeps one link.
      'hub - weak',
      'lonely - weak',
      'plain - active twice',
      'plain - idle a month',
      'plain - strong',
    ]);
  });

  test('spares the link of an important memory that is strongest now, not the one that once was', async () => {
    const lab = await openLab();
    await lab.write({ id: 'hub', at: '2026-03-01T10:00:00Z', found: { importance: 0.9 } });
    await lab.live('2026-03-02T03:00:00Z', ['ingestMemories', 'readFeatures']);
    await lab.rows(`insert into association (src, dst, w, co_activation_count, last_at, changed_at) values
      ('hub', 'was', 0.02, 0, '2024-01-01 03:00', '2024-01-01 03:00'), ('hub', 'is', 0.01, 0, '2026-01-01 03:00', '2026-01-01 03:00')`);
    await lab.run('scaleAssociations', '2026-03-03T03:00:00Z');
    expect(await lab.list('select dst from association')).toEqual(['is']);
  });
});
