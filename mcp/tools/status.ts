import { z } from 'zod';
import type { MemoryStatus } from '../../program/status.ts';
import { oneLine } from '../../memory/line.ts';
import { defineTool } from '../tool.ts';

/** `status`: what can be asked, and what runs. */
export const status = defineTool({
  name: 'status',
  title: 'State of the memory',
  description:
    'Tells how many memories of which agents can be recalled, from which night, whether meaning or words alone find them, and ' +
    'whether new ones can be written. Use it when recall finds nothing that should be there, when remember fails, or to learn ' +
    "the agents' names.",
  input: z.strictObject({}),
  output: z.looseObject({
    target: z.string(),
    workspace: z.string(),
    recall: z.looseObject({
      memories: z.number().optional(),
      cycle: z.string().optional(),
      parameters: z.string().nullish(),
      problem: z.string().optional(),
    }),
    postgres: z.looseObject({ state: z.string(), address: z.string().nullable() }),
    worker: z.looseObject({ pid: z.number() }).nullable(),
  }),
  annotations: { readOnlyHint: true, openWorldHint: false },
  run: async (memory) => {
    const found = await memory.status();
    return { value: found, text: describe(found) };
  },
});

function describe({ target, workspace, recall, postgres, worker }: MemoryStatus): string {
  return [
    `target ${target}, workspace ${workspace}`,
    ...('problem' in recall ? [`recall: ${recall.problem}`] : describeRecall(recall)),
    `PostgreSQL: ${describePostgres(postgres)}`,
    worker === null
      ? 'no worker runs: new memories wait for their first night'
      : `a worker runs, pid ${String(worker.pid)}`,
  ].join('\n');
}

function describeRecall(recall: Exclude<MemoryStatus['recall'], { readonly problem: string }>): string[] {
  const { cycle, parameters, memories, agents, model, file } = recall;
  const lived = parameters === null ? cycle : `${cycle} (parameters ${parameters})`;
  const found = model === null ? 'found by words alone' : `found by words and meaning (${model})`;
  return [
    `${String(memories)} memories can be recalled, as of cycle ${lived}, ${found}; from ${file}`,
    ...agents.map((each) => `  ${JSON.stringify(oneLine(each.agent))}: ${String(each.memories)}`),
  ];
}

function describePostgres({ state, address, problem }: MemoryStatus['postgres']): string {
  switch (state) {
    case 'running':
      return `answers at ${address ?? ''}`;
    case 'silent':
      return `does not answer at ${address ?? ''}: ${problem ?? ''}`;
    case 'stopped':
      return 'the workspace has its own, which is started when something is remembered';
  }
}
