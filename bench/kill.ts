import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DreamReport } from '../report/dream.ts';
import { isAlive } from '../services/process.ts';
import type { State, StateEntry } from '../services/state.ts';
import { runBiomem, withFolder } from './biomem.ts';
import { createRandom } from './random.ts';

const KILLS = 10;
const SEED = 20_260_301;
/** A worker lives for at least a moment and at most this long before it is killed (ms). */
const LONGEST = 3_000;

/**
 * `kill -9` of the worker at ten random moments of a dream, which starts it again each time: the undisturbed checksum. With `--nights 1`
 * one cycle lives all nights of the journal, and is killed in the midst of them.
 */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({ args: process.argv.slice(3), options: { nights: { type: 'string' } } });
  const nights = values.nights === undefined ? [] : ['--nights', values.nights];
  const undisturbed = await withFolder((_, workspace) => dream(workspace, nights));
  const disturbed = await withFolder(async (_, workspace) => {
    const run = dream(workspace, nights);
    const kills = await killWorker(workspace, run);
    return { kills, ...(await run) };
  });
  return { seed: SEED, undisturbed, disturbed, same: disturbed.checksum === undisturbed.checksum };
}

async function dream(workspace: string, nights: readonly string[]) {
  const { checksum, seconds } = await runBiomem<DreamReport>(['dream', '--workspace', workspace, ...nights]);
  return { checksum, seconds };
}

/** Kills the worker whenever one serves, a random time later; gives how often, which is less when the run ended first. */
async function killWorker(workspace: string, run: Promise<unknown>): Promise<number> {
  const ended = new AbortController();
  run.finally(() => ended.abort()).catch(() => undefined);
  const random = createRandom(SEED);
  let kills = 0;
  let last = 0;
  while (!ended.signal.aborted && kills < KILLS) {
    const worker = await findWorker(workspace);
    if (worker === undefined || worker.pid === last) {
      await delay(50);
      continue;
    }
    await delay(random() * LONGEST);
    if (!(await isAlive(worker))) continue;
    process.kill(worker.pid, 'SIGKILL');
    last = worker.pid;
    kills += 1;
  }
  return kills;
}

async function findWorker(workspace: string): Promise<StateEntry | undefined> {
  const text = await readFile(join(workspace, 'services.json'), 'utf8').catch(() => '{}');
  const worker = (JSON.parse(text) as Partial<State>).workers?.['dev'];
  return worker !== undefined && (await isAlive(worker)) ? worker : undefined;
}
