import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Memory, RecallOptions } from '../program/memory.ts';
import { openMemory } from '../program/open-memory.ts';
import { spawnBiomem, withFolder } from './biomem.ts';
import { createRandom } from './random.ts';
import { Store } from './store.ts';

const SAMPLE = new URL('../sample/questions.jsonl', import.meta.url);
/** Questions at once of which the least and the median are taken, for one command each. */
const COLD = 7;
/** All that was written is known then. */
const AS_OF = '2030-01-01T00:00:00Z';

/**
 * Milliseconds of `recall` in a running process, of one agent's memories and of all, wall and CPU; questions a second of many clients at
 * once; and seconds of one `biomem recall`. Memories are the sample's sentences recombined. A folder that is named is kept, and used
 * again the next time.
 */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      memories: { type: 'string', default: '100000' },
      agents: { type: 'string', default: '20' },
      clients: { type: 'string', default: '8' },
      questions: { type: 'string', default: '400' },
      folder: { type: 'string' },
    },
  });
  const { folder, ...sizes } = values;
  const size = Object.fromEntries(Object.entries(sizes).map(([name, value]) => [name, Number(value)])) as Size;
  const measure = (place: string) => measureIn(place, size);
  return folder === undefined ? withFolder(measure) : measure(folder);
}

type Size = Readonly<Record<'memories' | 'agents' | 'clients' | 'questions', number>>;

async function measureIn(folder: string, size: Size) {
  await makeStore(folder, size);
  const memory = openMemory({ profilesDir: folder, workspace: folder });
  const next = askRandomly(size.agents);
  try {
    const opening = await time(() => memory.status());
    // The first question loads the model; the agent's memories are loaded for each agent's own first one.
    const model = await time(() => memory.prepare());
    const first = await askAll(
      memory,
      Array.from({ length: size.agents }, (_, agent) => next(agent)),
    );
    const agents = await askAll(
      memory,
      Array.from({ length: size.questions }, () => next()),
    );
    const clients = await askAtOnce(
      memory,
      Array.from({ length: size.questions }, () => next()),
      size.clients,
    );
    const all = await askAll(
      memory,
      Array.from({ length: size.questions / 4 }, () => [next()[0], {}]),
    );
    return {
      ...{ memories: size.memories, agents: size.agents },
      ...{ 'open, ms': opening, 'model, and memories of all agents, ms': model },
      ...{ "each agent's first question": first, "an agent's memories": agents, 'memories of all agents': all },
      [`${String(size.clients)} clients at once, of an agent each`]: clients,
      'one command, s': await askCold(folder),
      rssMB: Math.round(process.memoryUsage.rss() / 1e6),
    };
  } finally {
    await memory.close();
  }
}

async function makeStore(folder: string, { memories, agents }: Size): Promise<void> {
  if (existsSync(join(folder, 'dev.recall.duckdb'))) return;
  await mkdir(folder, { recursive: true });
  const store = await Store.open(folder, agents);
  try {
    // So many at once fit into memory, vectors and links included.
    for (let left = memories; left > 0; left -= 100_000) await store.fill(Math.min(left, 100_000));
    await store.publish();
  } finally {
    store.close();
  }
}

type Asked = readonly [question: string, options: RecallOptions];

/** Questions of the sample with a word of another one behind, so that none comes twice, each to one of the agents. */
function askRandomly(agents: number): (agent?: number) => Asked {
  const random = createRandom(1);
  const lines = readFileSync(SAMPLE, 'utf8').trim().split('\n');
  const questions = lines.map((line) => (JSON.parse(line) as { question: string }).question);
  const words = questions.flatMap((question) => question.split(/\W+/));
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  return (agent = Math.floor(random() * agents)) => [
    `${pick(questions)} ${pick(words)} ${pick(words)}`,
    { agent: `agent-${String(agent)}` },
  ];
}

async function askAll(memory: Memory, asked: readonly Asked[]) {
  const times: number[] = [];
  const before = process.cpuUsage();
  for (const one of asked) times.push(await time(() => ask(memory, one)));
  return { ...percentiles(times), ...cpuSince(before, asked) };
}

function cpuSince(before: NodeJS.CpuUsage, { length }: readonly Asked[]) {
  const { user, system } = process.cpuUsage(before);
  return { 'CPU, ms a question': round((user + system) / 1e3 / length) };
}

async function askAtOnce(memory: Memory, asked: readonly Asked[], clients: number) {
  const times: number[] = [];
  const left = [...asked];
  const client = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const question = one;
      times.push(await time(() => ask(memory, question)));
    }
  };
  const before = process.cpuUsage();
  const took = await time(() => Promise.all(Array.from({ length: clients }, client)));
  return {
    'questions a second': round((1e3 * asked.length) / took),
    ...percentiles(times),
    ...cpuSince(before, asked),
  };
}

async function ask(memory: Memory, [question, options]: Asked): Promise<void> {
  const { results } = await memory.recall(question, { ...options, asOf: AS_OF, record: false });
  if (results.length === 0) throw new Error(`nothing was found for ${question}`);
}

async function askCold(folder: string) {
  const seconds: number[] = [];
  for (let round = 0; round < COLD; round += 1) {
    const question = ['recall', 'Who moved the deadline of the migration?', '--agent', 'agent-0', '--as-of', AS_OF];
    const place = ['--profiles-dir', folder, '--workspace', folder];
    const took = await time(async () => {
      const { exitCode, stderr } = await spawnBiomem([...question, ...place]);
      if (exitCode !== 0) throw new Error(stderr);
    });
    seconds.push(took / 1e3);
  }
  seconds.sort((a, b) => a - b);
  return {
    least: Math.round((seconds[0] ?? NaN) * 100) / 100,
    median: Math.round((seconds[COLD >> 1] ?? NaN) * 100) / 100,
  };
}

async function time(body: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await body();
  return round(performance.now() - began);
}

function percentiles(times: readonly number[]) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { p50: at(0.5), p95: at(0.95), most: at(1) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
