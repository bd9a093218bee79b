import { consolidationParameters } from '../../memory/consolidation.parameters.ts';
import { homeostasisParameters } from '../../memory/homeostasis.parameters.ts';
import { importanceParameters } from '../../memory/importance.parameters.ts';
import { longTermMemoryParameters } from '../../memory/long-term-memory.parameters.ts';
import type { ParameterTable } from '../../memory/parameter-row.ts';
import { parameterTable } from '../../memory/parameters.ts';
import { remParameters } from '../../memory/rem.parameters.ts';
import { shortTermMemoryParameters } from '../../memory/short-term-memory.parameters.ts';
import { workingMemoryParameters } from '../../memory/working-memory.parameters.ts';
import { code, markdownTable } from './table.ts';

const STAGES: Readonly<Record<string, ParameterTable>> = {
  'Importance, in every stage': importanceParameters,
  'Working memory': workingMemoryParameters,
  'Short-term memory': shortTermMemoryParameters,
  Consolidation: consolidationParameters,
  'Long-term memory': longTermMemoryParameters,
  Homeostasis: homeostasisParameters,
  REM: remParameters,
};

/** A table for each stage with all that may stand under `pipeline.parameters`. @throws Error for one that no stage has */
export function describeParameters(): string {
  const described = Object.values(STAGES).flatMap((table) => Object.keys(table));
  const forgotten = Object.keys(parameterTable).filter((name) => !described.includes(name));
  if (forgotten.length > 0) throw new Error(`scripts/docs/parameters.ts has no stage for ${forgotten.join(', ')}`);
  return Object.entries(STAGES)
    .map(([stage, table]) => `### ${stage}\n\n${tableOf(table)}`)
    .join('\n\n');
}

function tableOf(table: ParameterTable): string {
  const rows = Object.entries(table).map(([name, row]) => [
    code(name),
    row.kind === 'whole' ? 'whole number' : 'number',
    row.unit,
    code(String(row.default)),
    `${row.min} to ${row.max}`,
    row.meaning,
    row.evidence,
    row.source,
  ]);
  return markdownTable(['parameter', 'type', 'unit', 'default', 'range', 'meaning', 'evidence', 'source'], rows);
}
