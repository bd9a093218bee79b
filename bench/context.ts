import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { oneLine } from '../memory/line.ts';
import { openMemory, type Memory, type RecallReport } from '../index.ts';
import { countTokens } from '../text/tokens.ts';
import { runBiomem, withFolder } from './biomem.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUDGETS = [150, 500, 1_500, 3_000];
/** After the last night. */
const AS_OF = '2026-03-31T12:00:00Z';
const MOST = 9_999;
/** What the marks around a context take at most, which says that it is data. */
const MARKS = 53;

const questionRow = z.object({ question: z.string(), answers: z.array(z.string()).min(1) });
type QuestionRow = z.infer<typeof questionRow>;

/**
 * The sample's questions as tasks: the share of the memories that answer whose whole text is inside of the context, and beside it
 * inside of recall's results, each in a line with id, day and agent, until the budget is full, with and without what marks take.
 */
export async function run(): Promise<unknown> {
  const lines = (await readFile(`${ROOT}sample/questions.jsonl`, 'utf8')).trim().split('\n');
  const rows = lines.map((line) => questionRow.parse(JSON.parse(line)));
  return withFolder(async (_, workspace) => {
    await runBiomem(['dream', '--workspace', workspace]);
    const memory = openMemory({ workspace, profilesDir: ROOT, report: () => undefined });
    try {
      return await compareAll(memory, rows);
    } finally {
      await memory.close();
    }
  });
}

async function compareAll(memory: Memory, rows: readonly QuestionRow[]) {
  const sums = new Map(BUDGETS.map((tokens) => [tokens, new Map<string, number>()]));
  for (const row of rows) {
    const { results } = await memory.recall(row.question, { asOf: AS_OF, limit: MOST, record: false });
    for (const [tokens, sum] of sums)
      for (const [name, value] of Object.entries(await compare(memory, { ...row, results }, tokens)))
        sum.set(name, (sum.get(name) ?? 0) + value);
  }
  const mean = (sum: number) => Math.round((1_000 * sum) / rows.length) / 1_000;
  const means = (sum: ReadonlyMap<string, number>) =>
    Object.fromEntries([...sum].map(([name, all]) => [name, mean(all)]));
  return Object.fromEntries([...sums].map(([tokens, sum]) => [tokens, means(sum)]));
}

async function compare(
  memory: Memory,
  { question, answers, results }: QuestionRow & Pick<RecallReport, 'results'>,
  tokens: number,
) {
  const contents = new Map(results.map(({ id, content }) => [id, content]));
  const inside = (text: string) =>
    answers.filter((id) => text.includes(oneLine(contents.get(id) ?? '\0'))).length / answers.length;
  const found = await memory.context(question, { asOf: AS_OF, tokens, record: false });
  if (countTokens(found.text) > tokens) throw new Error(`context: ${question}: more than ${String(tokens)} tokens`);
  return {
    context: inside(found.text),
    'recall until full': inside(fill(results, tokens - MARKS)),
    'the same without marks': inside(fill(results, tokens)),
    memories: found.memories.length,
    learned: found.learned.length,
    tokens: found.tokens.used,
    milliseconds: found.took_ms,
  };
}

/** What recall gives, each in a line with id, day and agent. */
function fill(results: RecallReport['results'], tokens: number): string {
  const lines = results.map(
    ({ id, createdAt, agent, content }) => `${id.slice(0, 8)} ${createdAt.slice(0, 10)} ${agent}: ${oneLine(content)}`,
  );
  let left = tokens;
  const full = lines.findIndex((line) => (left -= countTokens(line) + 1) < 0);
  return lines.slice(0, full < 0 ? lines.length : full).join('\n');
}
