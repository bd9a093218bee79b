import Table from 'cli-table3';
import { relative } from 'node:path';
import { styleText } from 'node:util';
import type { Embedder, MemoryDigest, Reader, StateSummary } from '../memory/types.ts';

/** What one night did: how many were read, attended, bound, replayed; then how many have each fate after it. */
export interface Night {
  readonly asOf: string;
  readonly ingested: number;
  readonly attended: number;
  readonly episodes: number;
  readonly replayed: number;
  readonly transferred: number;
  readonly retained: number;
  readonly fading: number;
  readonly forgotten: number;
  readonly associations: number;
  readonly insights: number;
  readonly writtenBack: number;
  readonly modelCalls: number;
  /** Texts about which no answer of the model could be used. */
  readonly modelUnfit: number;
  readonly workflowId: string;
  readonly seconds: number;
}

/** A service as it was used. */
export interface ServiceUse {
  readonly address: string;
  readonly version: string;
  readonly started: boolean;
}

/** Everything `biomem dream` has to tell; printed as it is with --json. */
export interface DreamReport {
  readonly target: string;
  readonly workspace: string;
  readonly services: {
    readonly temporal: ServiceUse & { readonly ui: string | null; readonly namespace: string };
    readonly postgres: ServiceUse;
    readonly ollama: { readonly url: string; readonly version: string } | null;
  };
  readonly journal: { readonly memories: number; readonly from: string | null; readonly to: string | null };
  readonly nights: readonly Night[];
  readonly totals: StateSummary['totals'];
  readonly kept: readonly (MemoryDigest & { readonly content: string })[];
  readonly faded: readonly (MemoryDigest & { readonly content: string })[];
  readonly learned: readonly Learned[];
  readonly readers: readonly Reader[];
  readonly embedders: readonly Embedder[];
  readonly checksum: string;
  readonly seconds: number;
}

/** A gist or an insight, and the memories that it rests on. */
export interface Learned {
  readonly content: string;
  readonly from: readonly string[];
  readonly madeBy: string;
}

/** How much of each list a person is shown; --json has all. */
const SHOWN = 8;
const WIDTH = 110;

/** The report for a person. */
export function printDream(report: DreamReport, { colour, serving }: { colour: boolean; serving: boolean }): string {
  const style = (format: 'bold' | 'dim' | 'green' | 'yellow') => (text: string) =>
    colour ? styleText(format, text) : text;
  const [bold, dim, green, yellow] = [style('bold'), style('dim'), style('green'), style('yellow')];
  const memory = ({ content, retrievability, fate, why }: DreamReport['kept'][number]) =>
    `  ${quote(content)}\n    ${dim(`${fate}, retrievability ${retrievability.toFixed(2)}: ${why}`)}`;
  const learned = ({ content, from, madeBy }: Learned) =>
    `  ${quote(content)}\n    ${dim(`from ${String(from.length)} memories (${from.slice(0, 3).join(', ')}${from.length > 3 ? ', …' : ''}), made by ${madeBy}`)}`;
  const section = (title: string, lines: readonly string[], total: number) => [
    '',
    bold(title) + (total > SHOWN ? dim(` (${String(SHOWN)} of ${String(total)} listed, all with --json)`) : ''),
    ...(lines.length > 0 ? lines.slice(0, SHOWN) : [dim('  nothing yet')]),
  ];
  return [
    tabulate(report.nights, colour),
    ...section(green('Kept'), distinct(report.kept).map(memory), report.kept.length),
    ...section(yellow('Faded'), distinct(report.faded).map(memory), report.faded.length),
    ...section('Learned across memories', report.learned.map(learned), report.learned.length),
    '',
    ...describeEnd(report, serving),
  ].join('\n');
}

function describeEnd(
  { totals, services, readers, embedders, workspace, target, checksum, seconds, nights }: DreamReport,
  serving: boolean,
) {
  const { fates } = totals;
  const look = `--workspace ${relative('', workspace) || '.'} --target ${target}`;
  return [
    `${String(nights.length)} nights over ${String(totals.memories)} memories in ${seconds.toFixed(1)} s: ` +
      `${String(fates.cortical_transfer)} in the cortex, ${String(fates.hippocampal_retention)} in the hippocampus, ` +
      `${String(fates.gradual_forgetting)} fading, ${String(fates.rapid_forgetting)} archived; ` +
      `${String(totals.sessions)} sessions, ${String(totals.episodes)} episodes, ${String(totals.associations)} associations, ${String(totals.insights)} gists and insights.`,
    `${describeReaders(readers, services.ollama, nights)} ${describeEmbedders(embedders)} State checksum ${checksum}.`,
    '',
    'Look further:',
    `  npx biomem recall "a question" --as-of ${nights.at(-1)?.asOf ?? ''} ${look}`,
    ...(serving
      ? [
          `  Web UI             ${services.temporal.ui ?? services.temporal.address}`,
          `  PostgreSQL         ${services.postgres.address} (schema dreams)`,
        ]
      : [`  npx biomem up ${look}`]),
    `  npx biomem services status ${look}`,
    `  npx biomem checksum ${look}`,
  ];
}

/**
 * Who read the text, by what was kept of each reading: a model that was there need not have been asked, or been of use.
 * @internal for its tests
 */
export function describeReaders(
  readers: readonly Reader[],
  ollama: DreamReport['services']['ollama'],
  nights: readonly Pick<Night, 'modelCalls' | 'modelUnfit'>[],
): string {
  const calls = nights.reduce((sum, { modelCalls }) => sum + modelCalls, 0);
  const unfit = nights.reduce((sum, { modelUnfit }) => sum + modelUnfit, 0);
  const models = new Map<string, number>();
  for (const { madeBy, texts } of readers) {
    const [, model = ''] = /^ollama:(.*)#/.exec(madeBy) ?? [];
    models.set(model, (models.get(model) ?? 0) + texts);
  }
  const byRules = models.get('') ?? 0;
  models.delete('');
  if (models.size === 0 && ollama === null) return 'Rules read the text (no Ollama was found).';
  if (models.size === 0)
    return `Rules read the text, no model did${calls > 0 ? `: of ${String(calls)} calls no answer could be used` : ''}.`;
  const read = [...models].map(([model, texts]) => `${model} read ${String(texts)} texts`);
  const useless = unfit > 0 ? ` (${String(unfit)} times no answer about a text could be used)` : '';
  return `${[...read, `rules read ${String(byRules)}`].join(', ')}${useless}.`;
}

/** @internal for its tests */
export function describeEmbedders(embedders: readonly Embedder[]): string {
  const embedded = embedders.map(({ model, memories }) => `${model} embedded ${String(memories)} memories`);
  return `${embedded.join(', ') || 'No memory was embedded'}.`;
}

/** An agent writes some things down again and again; one of each is enough to look at. */
function distinct<T extends { readonly content: string }>(memories: readonly T[]): T[] {
  const seen = new Set<string>();
  return memories.filter(({ content }) => !seen.has(content) && seen.add(content));
}

function tabulate(nights: readonly Night[], colour: boolean): string {
  const columns = [
    'ingested',
    'attended',
    'episodes',
    'replayed',
    'transferred',
    'retained',
    'fading',
    'forgotten',
    'associations',
    'insights',
  ] as const;
  const table = new Table({
    head: [
      'night',
      'new',
      'attended',
      'episodes',
      'replayed',
      'cortex',
      'hippoc.',
      'fading',
      'archived',
      'links',
      'learned',
      's',
    ],
    colAligns: ['left', ...columns.map(() => 'right' as const), 'right'],
    style: { head: colour ? ['bold'] : [], border: [], compact: true },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: ' ',
    },
  });
  for (const night of nights)
    table.push([night.asOf.slice(0, 10), ...columns.map((column) => String(night[column])), night.seconds.toFixed(2)]);
  return table.toString();
}

/** Content is data: control characters must not reach a terminal, and a long text is cut. */
function quote(content: string): string {
  const line = content.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
  return `“${line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line}”`;
}
