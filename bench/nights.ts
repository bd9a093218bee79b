import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Database } from '../duckdb/database.ts';
import type { JournalEntry } from '../source/journal.ts';
import { spreadNights } from '../source/tour.ts';
import { withFolder } from './biomem.ts';
import { compareFates, type Fated } from './nights.likeness.ts';
import { nightAfter, readVersions, withLab } from './lab.ts';

const SAMPLE = fileURLToPath(new URL('../sample/journal.jsonl', import.meta.url));
const NIGHT = [
  ...(['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes', 'consolidateTraces'] as const),
  ...(['integrateNetwork', 'scaleAssociations'] as const),
];
const DAY = 86_400_000;

const FATES = `select memory_id as id, fate, t.retrievability, t.s_c as cortical,
    (select count(*) from event e where e.memory_id = f.memory_id and e.kind = 'replay')::integer as replays
  from fate f join trace_at($1) t using (memory_id) order by memory_id`;
const fatedRow = z.object({
  ...{ id: z.string(), fate: z.string(), retrievability: z.number(), cortical: z.number(), replays: z.number() },
});

/**
 * Whether what becomes of memories depends on the days that pass, and not on how often a cycle runs: the sample with its days so many
 * days apart (`--apart 9`: nine months), lived in one night a day, in fewer, and in one.
 */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { journal: { type: 'string', default: SAMPLE }, apart: { type: 'string', default: '9' } },
  });
  const entries = spreadDays(await readVersions(values.journal), Number(values.apart));
  const [first, last] = [entries[0], entries.at(-1)].map((entry) => nightAfter(Date.parse(entry?.updated_at ?? '')));
  const days = Math.round((Date.parse(last ?? '') - Date.parse(first ?? '')) / DAY) + 1;
  const lives = [];
  for (const count of [days, 52, 30, 12, 1]) {
    const began = performance.now();
    const fates = await withFolder((folder) => live(folder, entries, spreadNights([first ?? '', last ?? ''], count)));
    lives.push({ nights: count, seconds: Math.round((performance.now() - began) / 100) / 10, fates });
  }
  const nightly = lives[0]?.fates ?? [];
  const result = lives.map(({ fates, ...life }) => ({
    ...life,
    ...countFates(fates),
    ...compareFates(nightly, fates),
  }));
  console.table(result);
  return { memories: nightly.length, days, lives: result };
}

/** The same journal with each of its days so many times as far from the first. */
function spreadDays(entries: readonly JournalEntry[], apart: number): JournalEntry[] {
  const origin = Math.floor(Date.parse(entries[0]?.created_at ?? '') / DAY);
  const move = (time: string) => {
    const at = Date.parse(time);
    return new Date(at + (apart - 1) * (Math.floor(at / DAY) - origin) * DAY).toISOString();
  };
  return entries.map((entry) => ({
    ...entry,
    created_at: move(entry.created_at),
    updated_at: move(entry.updated_at),
  }));
}

async function live(folder: string, entries: readonly JournalEntry[], nights: readonly string[]): Promise<Fated[]> {
  return withLab({ folder, model: null }, async (lab) => {
    let since = '';
    for (const night of nights) {
      await lab.write(entries.filter(({ updated_at }) => updated_at > since && updated_at <= night));
      await lab.live(NIGHT, night);
      since = night;
    }
    return readFates(lab.database, nights.at(-1) ?? '');
  });
}

function readFates(database: Database, asOf: string): Promise<Fated[]> {
  return database.use(async (connection) => {
    const rows = await connection.runAndReadAll(FATES, [asOf.replace('Z', '')]);
    return z.array(fatedRow).parse(rows.getRowObjectsJson());
  });
}

function countFates(fates: readonly Fated[]) {
  const count = (wanted: string) => fates.filter(({ fate }) => fate === wanted).length;
  return {
    transferred: count('cortical_transfer'),
    retained: count('hippocampal_retention'),
    fading: count('gradual_forgetting'),
    archived: count('rapid_forgetting'),
  };
}
