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

/** Three links of a day, used then and never again, and often enough not to be pruned. */
async function link(lab: Lab, day: number, random: () => number): Promise<void> {
  const rows = [0, 1, 2].map(
    (each) =>
      `('s${String(day)} ${String(each)}', 'd', ${String(0.05 + 0.4 * random())}, 5, '${after(day)}'::timestamptz at time zone 'UTC',
        '${after(day)}'::timestamptz at time zone 'UTC')`,
  );
  await lab.rows(
    `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ${rows.join()}`,
  );
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

  test('upwards ends where the strongest has nowhere to go, and keeps each ratio', async () => {
    const lab = await weigh(0.15);
    await lab.rows('update association set w = 0.9 + w / 100 where w > 0.27');
    const before = await weights(lab);
    for (const night of [1, 2, 3]) await lab.run('scaleAssociations', after(night));
    const scaled = await weights(lab);
    const factor = 0.99 / Math.max(...before);
    expect(scaled).toEqual(before.map((w) => expect.closeTo(w * factor, 12) as number));
  });

  test('downwards spares the strongest fifth and takes the same share of all others', async () => {
    const lab = await weigh(0.53);
    const before = await weights(lab);
    await lab.run('scaleAssociations', after(1));
    const factors = (await weights(lab)).map((w, index) => w / before[index]!);
    const strongest = new Set(order(before).slice(160));
    factors.forEach((factor, index) => expect(factor).toBeCloseTo(strongest.has(index) ? 1 : 0.82, 5));
  });

  test('when time alone has passed has nothing to do', async () => {
    const lab = await weigh(0.3);
    for (const night of [1, 2, 3]) await lab.run('scaleAssociations', after(night));
    const before = await weights(lab);
    expect(await lab.run('scaleAssociations', after(100))).toMatchObject({ scaled: 0 });
    expect(await weights(lab)).toEqual(before);
  });

  test.each([1, 7, 120])(
    'over 120 days of new links, a night every %d days, makes no two of them equal, and none overtakes another',
    async (every) => {
      const lab = await openLab();
      const random = makeRandom(7);
      // From here on days count.
      await lab.run('scaleAssociations', after(0));
      let scalings = 0;
      for (let day = every; day <= 120; day += every) {
        for (let each = day - every; each < day; each += 1) await link(lab, each, random);
        const now = () => lab.rows(`select src, w from association_at('${after(day)}') order by w, src`);
        const earlier = await now();
        await lab.run('scaleAssociations', after(day));
        const later = await now();
        scalings += Number(earlier[0]?.['w'] !== later[0]?.['w']);
        expect(later.map(({ src }) => src)).toEqual(earlier.map(({ src }) => src));
        expect(new Set(later.map(({ w }) => w)).size).toBe(later.length);
      }
      expect(scalings).toBeGreaterThan(0);
      const stored = await weights(lab);
      expect(stored).toHaveLength(3 * every * Math.floor(120 / every));
      expect(new Set(stored).size).toBe(stored.length);
      expect(Math.max(...stored)).toBeLessThan(1);
    },
  );

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
