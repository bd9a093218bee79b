import { computeChecksum } from '../duckdb/checksum.ts';
import { consolidateTraces } from './consolidation.ts';
import { finishForgetting, forgetMemories } from './forget.ts';
import { scaleAssociations } from './homeostasis.ts';
import { ingestMemories } from './ingest.ts';
import { linkChanges } from './long-term-memory.changes.ts';
import { integrateNetwork, learnGists } from './long-term-memory.ts';
import { explaining } from './outcome.ts';
import { publishRecall } from './publish.ts';
import { listRejected } from './rejected.ts';
import { associateDistantly } from './rem.ts';
import { bindEpisodes, describeEpisodes } from './short-term-memory.ts';
import { rehearseSteps, runStep, type Dependencies, type Step } from './step.ts';
import { embedMemories } from './working-memory.embed.ts';
import { attendMemories, readFeatures } from './working-memory.ts';
import { writeBackDreams } from './write-back.ts';
import { summarizeState } from './summary.ts';
import { restoreMemory } from './restore.ts';
import type {
  Counts,
  ForgetInput,
  ForgetOutcome,
  RejectedRow,
  RestoreInput,
  RestoreOutcome,
  Stage,
  StateChecksum,
  StateSummary,
  StepInput,
} from '../memory/types.ts';

export type { Dependencies } from './step.ts';

/** The steps of each stage, in order. */
const STEPS = {
  ingest: [ingestMemories],
  workingMemory: [readFeatures, attendMemories, embedMemories],
  shortTermMemory: [bindEpisodes, describeEpisodes],
  consolidation: [consolidateTraces],
  longTermMemory: [integrateNetwork, linkChanges, learnGists],
  homeostasis: [scaleAssociations],
  rem: [associateDistantly],
  writeBack: [writeBackDreams, publishRecall],
} as const satisfies Record<Stage, readonly Step[]>;

/** All activities, each taking a stage input with its time and giving counts; ids, texts and rows stay in the databases. */
export function createActivities(dependencies: Dependencies) {
  const activity = (step: Step) => (input: StepInput) =>
    explaining(dependencies, () => runStep(dependencies, step, input));
  return {
    /** Before a cycle reads, what was forgotten half is forgotten whole. */
    ingestMemories: (input: StepInput): Promise<Counts> =>
      explaining(dependencies, async () => {
        await finishForgetting(dependencies, input.asOf);
        return runStep(dependencies, ingestMemories, input);
      }),
    readFeatures: activity(readFeatures),
    attendMemories: activity(attendMemories),
    embedMemories: activity(embedMemories),
    bindEpisodes: activity(bindEpisodes),
    describeEpisodes: activity(describeEpisodes),
    consolidateTraces: activity(consolidateTraces),
    integrateNetwork: activity(integrateNetwork),
    learnGists: activity(learnGists),
    linkChanges: activity(linkChanges),
    scaleAssociations: activity(scaleAssociations),
    associateDistantly: activity(associateDistantly),
    writeBackDreams: activity(writeBackDreams),
    publishRecall: activity(publishRecall),
    /** What the stages would do, in one transaction that is rolled back. */
    rehearse: ({ stages, ...input }: StepInput & { stages: readonly Stage[] }): Promise<Record<Stage, Counts>> =>
      explaining(dependencies, () => rehearse(dependencies, stages, input)),
    summarizeState: (input: { asOf: string; limit: number }): Promise<StateSummary> =>
      explaining(dependencies, () => summarizeState(dependencies, input)),
    /** The first rows that the steps of a stage had to pass over. */
    listRejected: ({ stage }: { stage: Stage }): Promise<RejectedRow[]> =>
      explaining(dependencies, () =>
        listRejected(
          dependencies,
          STEPS[stage].map(({ name }) => name),
        ),
      ),
    forgetMemories: (input: ForgetInput): Promise<ForgetOutcome> =>
      explaining(dependencies, () => forgetMemories(dependencies, input)),
    restoreMemory: (input: RestoreInput): Promise<RestoreOutcome> =>
      explaining(dependencies, () => restoreMemory(dependencies, input)),
    /** The checksum of all state tables. */
    computeStateChecksum: (): Promise<StateChecksum> =>
      explaining(dependencies, () => dependencies.database.use(computeChecksum)),
  };
}

export type Activities = ReturnType<typeof createActivities>;

async function rehearse(dependencies: Dependencies, stages: readonly Stage[], input: StepInput) {
  const steps = stages.flatMap((stage): readonly Step[] => STEPS[stage]);
  const everyRow = input.everyRow ?? (stages.length === Object.keys(STEPS).length || stages.length === 1);
  const counts = await rehearseSteps(dependencies, steps, { ...input, everyRow });
  const ofStage = (stage: Stage): Counts =>
    Object.assign({}, ...STEPS[stage].map(({ name }) => counts[name] ?? {})) as Counts;
  return Object.fromEntries(stages.map((stage) => [stage, ofStage(stage)])) as Record<Stage, Counts>;
}
