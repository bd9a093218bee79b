import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { oneLine } from '../memory/line.ts';
import { openMemory, type Memory } from '../index.ts';
import { countTokens } from '../text/tokens.ts';
import { runBiomem, withFolder } from './biomem.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUDGETS = [150, 500, 1_500, 3_000];
/** After the last night. */
const AS_OF = '2026-03-31T12:00:00Z';
const MOST = 9_999;

const questionRow = z.object({ question: z.string(), answers: z.array(z.string()).min(1) });
type QuestionRow = z.infer<typeof questionRow>;

/**
 * The sample's questions as tasks: the share of the memories that answer whose whole text is inside of the context, and beside it
 * inside of recall's results, each in a line with id, day and agent, until the budget is full. Both are counted alike.
 */
export async function run(): Promise<unknown> {
  const lines = (await readFile(`${ROOT}sample/questions.jsonl`, 'utf8')).trim().split('\n');
  const rows = lines.map((line) => questionRow.parse(JSON.parse(line)));
  return withFolder(async (_, workspace) => {
    await runBiomem(['dream', '--workspace', workspace]);
    const memory = openMemory({ workspace, profilesDir: ROOT, report: () => undefined });
    try {
      const result: Record<string, unknown> = {};
      for (const tokens of BUDGETS) result[String(tokens)] = await compare(memory, rows, tokens);
      return result;
    } finally {
      await memory.close();
    }
  });
}

async function compare(memory: Memory, rows: readonly QuestionRow[], tokens: number) {
  const shares = { context: 0, 'recall until full': 0 };
  const used = { memories: 0, learned: 0, tokens: 0, milliseconds: 0 };
  for (const { question, answers } of rows) {
    const { results } = await memory.recall(question, { asOf: AS_OF, limit: MOST, record: false });
    const contents = new Map(results.map(({ id, content }) => [id, content]));
    const inside = (text: string) =>
      answers.filter((id) => text.includes(oneLine(contents.get(id) ?? '\0'))).length / answers.length;
    const found = await memory.context(question, { asOf: AS_OF, tokens, record: false });
    if (countTokens(found.text) > tokens) throw new Error(`context: ${question}: more than ${String(tokens)} tokens`);
    shares.context += inside(found.text);
    shares['recall until full'] += inside(fill(results, tokens));
    used.memories += found.memories.length;
    used.learned += found.learned.length;
    used.tokens += found.tokens.used;
    used.milliseconds += found.took_ms;
  }
  const mean = (sum: number) => Math.round((1_000 * sum) / rows.length) / 1_000;
  return Object.fromEntries(Object.entries({ ...shares, ...used }).map(([name, sum]) => [name, mean(sum)]));
}

function fill(
  results: readonly {
    readonly id: string;
    readonly content: string;
    readonly agent: string;
    readonly createdAt: string;
  }[],
  tokens: number,
): string {
  let left = tokens;
  const lines = results.map(
    ({ id, createdAt, agent, content }) => `${id.slice(0, 8)} ${createdAt.slice(0, 10)} ${agent}: ${oneLine(content)}`,
  );
  const full = lines.findIndex((line) => (left -= countTokens(line) + 1) < 0);
  return lines.slice(0, full < 0 ? lines.length : full).join('\n');
}
