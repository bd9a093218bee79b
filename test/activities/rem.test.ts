import { expect, test } from 'vitest';
import { openLab, type Lab } from '../support/lab.ts';
import { makeRandom } from '../support/random.ts';

const NIGHT_1 = '2026-03-02T03:00:00Z';
const dream = (lab: Lab, asOf: string) => lab.run('associateDistantly', asOf);

/** Sixty memories in three communities, linked at random; some links lead one way only, as after pruning. */
async function openNetwork(parameters = {}): Promise<Lab> {
  const lab = await openLab(parameters);
  const random = makeRandom(9);
  const pick = (count: number) => Math.floor(random() * count);
  const id = (index: number) => `m${String(index).padStart(2, '0')}`;
  await lab.write(
    ...Array.from({ length: 60 }, (_, index) => ({
      id: id(index),
      at: '2026-03-01T10:00:00Z',
      found: { mentions: [...new Set([pick(15), pick(15), pick(15), pick(15)])].map((name) => `name${name}`) },
    })),
  );
  await lab.live(NIGHT_1, ['ingestMemories', 'readFeatures']);
  const links = new Set<string>();
  for (let link = 0; link < 300; link += 1) {
    const [a, b] = [id(pick(60)), id(pick(60))];
    if (a === b) continue;
    links.add(`${a} ${b}`);
    if (random() < 0.4) links.add(`${b} ${a}`);
  }
  const rows = [...links].map((link) => `('${link.replace(' ', `', '`)}', 0.5, 0, '2026-03-01', '2026-03-01')`);
  await lab.rows(
    `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ${rows.join()}`,
  );
  await lab.rows(
    `insert into network select memory_id, 'c' || hash(memory_id) % 3, 1 / 60, 1, timestamp '2026-03-01' from raw_memory`,
  );
  return lab;
}

test('proposed pairs are two steps apart, of different communities, not adjacent either way, and far in content', async () => {
  const lab = await openNetwork();
  const { proposed } = await dream(lab, NIGHT_1);
  expect(proposed).toBeGreaterThan(10);
  const [row] = await lab.rows(
    `select count(*)::int as pairs,
       count(*) filter (where a.community_id = b.community_id)::int as alike,
       count(*) filter (where exists (from association l
         where (l.src, l.dst) in ((d.src, d.dst), (d.dst, d.src))))::int as adjacent,
       count(*) filter (where not exists (from association x join association y on y.src = x.dst
         where (x.src, y.dst) in ((d.src, d.dst), (d.dst, d.src))))::int as further,
       min(distance) as nearest, max(distance) as farthest
     from distant_association d join network a on a.memory_id = d.src join network b on b.memory_id = d.dst`,
  );
  expect(row).toMatchObject({ pairs: proposed, alike: 0, adjacent: 0, further: 0 });
  expect(row?.['nearest']).toBeGreaterThanOrEqual(0.5);
  expect(row?.['farthest']).toBeLessThanOrEqual(0.95);
});

test.each([
  [{ rem_min_distance: 0.75 }, 'min(distance) >= 0.75'],
  [{ rem_max_distance: 0.75 }, 'max(distance) <= 0.75'],
  [{ rem_seeds: 10 }, 'count(*) <= 10'],
])('with %j it holds of the proposed pairs that %s, and not without', async (parameters, condition) => {
  const held = await Promise.all(
    [parameters, {}].map(async (each) => {
      const lab = await openNetwork(each);
      await dream(lab, NIGHT_1);
      return lab.list(`select ${condition} from distant_association`);
    }),
  );
  expect(held).toEqual([[true], [false]]);
});

test('the seeds of a night are chosen by hash: other ones each night, and not the first ids', async () => {
  const nights = [NIGHT_1, '2026-03-03T03:00:00Z'].map(async (night) => {
    const lab = await openNetwork({ rem_seeds: 10 });
    await dream(lab, night);
    return lab.rows('select src, dst from distant_association order by src, dst');
  });
  const [first = [], second = []] = await Promise.all(nights);
  expect(first.length).toBeGreaterThan(0);
  expect(second).not.toEqual(first);
  const amongLater = [...first, ...second].filter(({ src, dst }) => String(src) > 'm09' && String(dst) > 'm09');
  expect(amongLater.length).toBeGreaterThan(0);
});

test('no more pairs are proposed in a night than the batch allows, the most creative ones', async () => {
  const [some, all] = [await openNetwork({ rem_association_batch_size: 10 }), await openNetwork()];
  expect(await dream(some, NIGHT_1)).toEqual({ proposed: 10, confirmed: 0 });
  await dream(all, NIGHT_1);
  const best = 'select creative_score from distant_association order by creative_score desc limit 10';
  expect(await some.list(best)).toEqual(await all.list(best));
});

test('a pair that becomes associated, either way, is confirmed and stays; the others are dropped after 30 days', async () => {
  const lab = await openNetwork();
  await dream(lab, NIGHT_1);
  const [first, second] = await lab.rows('select src, dst from distant_association order by src, dst limit 2');
  const link = (src: unknown, dst: unknown) =>
    `('${String(src)}', '${String(dst)}', 0.5, 0, '2026-03-02', '2026-03-02')`;
  await lab.rows(
    `insert into association (src, dst, w, co_activation_count, last_at, changed_at) values ${link(first!['src'], first!['dst'])}, ${link(second!['dst'], second!['src'])}`,
  );
  await lab.rows('delete from network'); // so that nothing new is proposed
  expect(await dream(lab, '2026-03-03T03:00:00Z')).toEqual({ proposed: 0, confirmed: 2 });
  const before = await lab.list('select count(*)::int from distant_association');
  await dream(lab, '2026-04-01T03:00:00Z');
  expect(await lab.list('select count(*)::int from distant_association')).toEqual(before);
  await dream(lab, '2026-04-01T03:00:01Z');
  expect(await lab.rows('select src, dst from distant_association order by src, dst')).toEqual([first, second]);
});

test('a pair goes when one of its memories is deleted', async () => {
  const lab = await openNetwork();
  await dream(lab, NIGHT_1);
  const [pair] = await lab.rows('select src, dst from distant_association order by src, dst limit 1');
  await lab.erase(String(pair!['dst']));
  await lab.run('ingestMemories', '2026-03-03T03:00:00Z');
  await lab.rows('delete from network');
  await dream(lab, '2026-03-03T03:00:00Z');
  expect(await lab.list(`select src from distant_association where dst = '${String(pair!['dst'])}'`)).toEqual([]);
});
