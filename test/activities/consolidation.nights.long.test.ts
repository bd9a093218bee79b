import { expect, test } from 'vitest';
import { compareFates, type Fated } from '../../bench/nights.likeness.ts';
import { openLab, type Written } from '../support/lab.ts';
import { makeRandom } from '../support/random.ts';

const DAY = 86_400_000;
const START = Date.UTC(2025, 2, 1);
const STEPS = [
  ...(['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes', 'consolidateTraces'] as const),
  ...(['integrateNetwork', 'scaleAssociations'] as const),
];
const PLACES = ['Halifax', 'Kyoto', 'Lisbon', 'Quito', 'Oslo', 'Accra', 'Hanoi'];

/** Two hundred memories over a year, in sessions of one to five, on days that chance chooses; the same at every call. */
function writeYear(): Written[] {
  const random = makeRandom(42);
  const memories: Written[] = [];
  while (memories.length < 200) {
    const session = START + Math.floor(random() * 364) * DAY + (8 + Math.floor(random() * 10)) * 3_600_000;
    for (let size = Math.ceil(random() * 5); size > 0; size -= 1) {
      const mentions = [PLACES[Math.floor(random() * PLACES.length)]!];
      const at = new Date(session + size * 120_000).toISOString();
      memories.push({ id: `m${memories.length}`, at, agent: 'ada', found: { importance: random(), mentions } });
    }
  }
  return memories;
}

/** What became of them after so many nights, evenly over the year. */
async function live(nights: number): Promise<Fated[]> {
  const lab = await openLab();
  const written = writeYear();
  let since = '';
  for (let index = 1; index <= nights; index += 1) {
    const asOf = new Date(START + Math.round((index * 365) / nights) * DAY + 3 * 3_600_000).toISOString();
    const fresh = written.filter(({ at }) => at > since && at <= asOf);
    if (fresh.length > 0) await lab.write(...fresh);
    await lab.live(asOf, STEPS);
    since = asOf;
  }
  return (await lab.rows(
    `select memory_id as id, fate, t.retrievability, t.s_c as cortical,
       (select count(*)::int from event e where e.memory_id = f.memory_id and e.kind = 'replay') as replays
     from fate f join trace_at('${since}') t using (memory_id) order by memory_id`,
  )) as unknown as Fated[];
}

test(
  'a year lived in 365 nights, in 52, in 12 and in one leads to nearly the same fates',
  { timeout: 1_200_000 },
  async () => {
    const nightly = await live(365);
    const transferred = nightly.filter(({ fate }) => fate === 'cortical_transfer').length;
    expect(transferred).toBeGreaterThan(20);
    expect(nightly.filter(({ fate }) => fate === 'rapid_forgetting').length).toBeGreaterThan(20);
    for (const nights of [52, 12, 1]) {
      const { sameFate, retrievability, cortical, replays } = compareFates(nightly, await live(nights));
      expect(sameFate).toBeGreaterThan(0.97);
      expect(Math.min(retrievability, cortical, replays)).toBeGreaterThan(0.97);
    }
  },
);
