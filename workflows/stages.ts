import { patched } from '@temporalio/workflow';
import type { Counts, Stage, StageInput, StageReport, StepInput } from '../memory/types.ts';
import { runStage } from './exclusive.ts';
import { reader, store } from './proxies.ts';

/** Copies what the agents wrote, changed and deleted. */
export async function ingest(input?: StageInput): Promise<StageReport> {
  return runStage('ingest', input, rehearsal('ingest'), (step) => store.ingestMemories({ everyRow: true, ...step }));
}

/** Reads the new memories' text, gives the few slots of attention, window by window, and embeds the memories. */
export async function workingMemory(input?: StageInput): Promise<StageReport> {
  return runStage('workingMemory', input, rehearsal('workingMemory'), async (step) =>
    addUp([
      await reader.readFeatures(step),
      await store.attendMemories(step),
      // A run that began before memories were embedded goes on as it began.
      patched('embed-memories') ? await reader.embedMemories(step) : {},
    ]),
  );
}

/** Binds attended memories into episodes and associates what belongs together. */
export async function shortTermMemory(input?: StageInput): Promise<StageReport> {
  return runStage('shortTermMemory', input, rehearsal('shortTermMemory'), async (step) =>
    addUp([await store.bindEpisodes(step), await reader.describeEpisodes(step)]),
  );
}

/** Replays, strengthens, and decides fates; of a cycle that stands for many nights it goes on from the last one that was committed. */
export async function consolidation(input?: StageInput): Promise<StageReport> {
  return runStage('consolidation', input, rehearsal('consolidation'), (step) => reader.consolidateTraces(step));
}

/** Integrates what was transferred into the network, links what was restated to what it replaces, and learns gists and insights. */
export async function longTermMemory(input?: StageInput): Promise<StageReport> {
  return runStage('longTermMemory', input, rehearsal('longTermMemory'), async (step) => {
    const integrated = await store.integrateNetwork(step);
    // What is learned tells what has changed. A run that began when changes were linked afterwards, or not at all, goes on as it began.
    const linked = patched('link-changes-first') ? await store.linkChanges(step) : null;
    const learned = await reader.learnGists(step);
    return addUp([integrated, learned, linked ?? (patched('link-changes') ? await store.linkChanges(step) : {})]);
  });
}

/** Scales the associations back and prunes the weakest. */
export async function homeostasis(input?: StageInput): Promise<StageReport> {
  return runStage('homeostasis', input, rehearsal('homeostasis'), (step) => store.scaleAssociations(step));
}

/** Tries far associations. */
export async function rem(input?: StageInput): Promise<StageReport> {
  return runStage('rem', input, rehearsal('rem'), (step) => store.associateDistantly(step));
}

/** Gives the results to schema dreams in PostgreSQL, and publishes the recall file. */
export async function writeBack(input?: StageInput): Promise<StageReport> {
  return runStage('writeBack', input, rehearsal('writeBack'), async (step) =>
    addUp([
      await store.writeBackDreams(step),
      // A run that began before there was a recall file goes on as it began.
      patched('publish-recall') ? await store.publishRecall(step) : {},
    ]),
  );
}

function rehearsal(stage: Stage): (step: StepInput) => Promise<Counts> {
  return async (step) => (await store.rehearse({ ...step, stages: [stage] }))[stage];
}

/** What the steps of a stage counted; what two of them count, such as the seconds that models took, is added up. */
function addUp(counts: readonly Counts[]): Counts {
  const sum: Record<string, number> = {};
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
