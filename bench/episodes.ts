import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { shortTermMemoryParameters } from '../memory/short-term-memory.parameters.ts';
import type { JournalEntry } from '../source/journal.ts';
import { withFolder } from './biomem.ts';
import { readVersions, withLab } from './lab.ts';
import { createRandom } from './random.ts';

const SAMPLE = fileURLToPath(new URL('../sample/journal.jsonl', import.meta.url));
const BIND = ['ingestMemories', 'readFeatures', 'attendMemories', 'bindEpisodes'] as const;
const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);
const SILENCE = shortTermMemoryParameters.stm_duration_minutes.default * MINUTE;
/** Sessions of fewer memories say little of what they are about. */
const LEAST = 3;
/** Sessions that are set one after the other, at least, and their memories. */
const [SESSIONS, MEMORIES] = [4, 14];
const ROUNDS = 6;

type Session = readonly JournalEntry[];
const EPISODES = `select memory_id as id, size, boundary from episode join episode_member using (episode_id) where position = 1`;
const rowsOf = z.array(z.object({ id: z.string(), size: z.number(), boundary: z.string() }));

/**
 * Whether episodes within a session end where the subject changes: sessions of one agent of the sample, or of `--journal`, drawn in any
 * order and set one after the other without a silence (after Choi 2000). Of the boundaries that are found some are seams, and of the seams
 * some are found. `--side N` sets `episode_side`.
 */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { journal: { type: 'string', default: SAMPLE }, side: { type: 'string' } },
  });
  const entries = await readVersions(values.journal);
  const side = Number(values.side ?? shortTermMemoryParameters.episode_side.default);
  const talks = setTogether(cutSessions([...new Map(entries.map((entry) => [entry.id, entry])).values()]));
  const seams = new Set(talks.flatMap((talk) => talk.slice(1).map(([first]) => first?.id)));
  const memories = talks.flat(2);
  const episodes = await withFolder((folder) =>
    withLab({ folder, model: null, parameters: { episode_side: side } }, async ({ write, live, database }) => {
      await write(memories);
      await live(BIND, '2027-01-01T03:00:00Z');
      return database.use(async (connection) =>
        rowsOf.parse((await connection.runAndReadAll(EPISODES)).getRowObjectsJS()),
      );
    }),
  );
  const found = episodes.filter(({ boundary }) => boundary !== 'first');
  const right = found.filter(({ id }) => seams.has(id)).length;
  return {
    ...{ side, talks: talks.length, memories: memories.length, seams: seams.size, found: found.length, right },
    ...{ precision: right / found.length, recall: right / seams.size },
    single: episodes.filter(({ size }) => size === 1).length,
  };
}

const agentOf = ({ metadata }: JournalEntry) => String(metadata['agent']);

function cutSessions(entries: readonly JournalEntry[]): Session[] {
  const last = new Map<string, JournalEntry[]>();
  const sessions: JournalEntry[][] = [];
  for (const entry of entries.toSorted((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))) {
    const before = last.get(agentOf(entry));
    const silence = Date.parse(entry.created_at) - Date.parse(before?.at(-1)?.created_at ?? '');
    if (before !== undefined && silence <= SILENCE) before.push(entry);
    else sessions.push([entry]);
    last.set(agentOf(entry), before !== undefined && silence <= SILENCE ? before : (sessions.at(-1) ?? []));
  }
  return sessions.filter(({ length }) => length >= LEAST);
}

/** Several sessions as one, a memory a minute, each of an agent of its own. */
function setTogether(sessions: readonly Session[]): Session[][] {
  const random = createRandom(7);
  const talks: Session[][] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const agent of new Set(sessions.flat().map(agentOf))) {
      let talk: Session[] = [];
      const own = sessions.filter(([first]) => first !== undefined && agentOf(first) === agent);
      for (const [, session] of own.map((each) => [random(), each] as const).sort(([a], [b]) => a - b)) {
        talk.push(session);
        if (talk.length < SESSIONS || talk.flat().length < MEMORIES) continue;
        talks.push(retell(talk, `talk-${String(talks.length)}`));
        talk = [];
      }
    }
  return talks;
}

function retell(talk: readonly Session[], agent: string): Session[] {
  let place = 0;
  return talk.map((session) =>
    session.map((entry) => {
      place += 1;
      const at = new Date(START + place * MINUTE).toISOString();
      return { ...entry, id: `${agent}-${String(place)}`, created_at: at, updated_at: at, metadata: { agent } };
    }),
  );
}
