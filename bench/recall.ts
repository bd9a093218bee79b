import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { findOnnx } from '../downloads/onnx.ts';
import { openEmbeddingModel } from '../llm/embedding-model.ts';
import { loadProfile } from '../profiles/profile.ts';
import { RecallFile } from '../recall/file.ts';
import { embedQuestions } from '../recall/meaning.ts';
import { recallFileOf } from '../recall/paths.ts';
import { readQuestion } from '../recall/question.ts';
import { bestOf, rank, WEIGHTS, type Part } from '../recall/ranking.ts';
import { runBiomem, withFolder } from './biomem.ts';
import { createRandom } from './random.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PARTS = Object.keys(WEIGHTS) as Part[];

const questionRow = z.object({
  question: z.string(),
  agent: z.string().optional(),
  answers: z.array(z.string()).min(1),
  stale: z.array(z.string()).default([]),
});
type QuestionRow = z.infer<typeof questionRow>;

/** How well orders of memories answer: the share of what is needed among the first, and how often the new is above the old. */
interface Worth {
  readonly 'R@1': number;
  readonly 'R@5': number;
  readonly 'R@10': number;
  readonly MRR: number;
  readonly current: string;
}

/**
 * The sample's questions, or those of `--questions` on `--journal`, asked after its nights: every part alone, all, and all but each, with
 * BM25 alone (`words`) and a random order for comparison.
 */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { journal: { type: 'string' }, questions: { type: 'string' }, nights: { type: 'string' } },
  });
  const questions = await readQuestions(values.questions ?? `${ROOT}sample/questions.jsonl`);
  return withFolder(async (_, workspace) => {
    const journal = values.journal === undefined ? [] : ['--journal', values.journal];
    const nights = values.nights === undefined ? [] : ['--nights', values.nights];
    await runBiomem(['dream', '--workspace', workspace, ...journal, ...nights]);
    const env = { ...process.env, BIOLOGICAL_MEMORY_DIR: workspace, POSTGRES_DB_URL: 'postgresql://127.0.0.1/none' };
    const profile = loadProfile({ profilesDir: ROOT, target: 'dev', env, cwd: ROOT });
    const file = await RecallFile.open(recallFileOf(profile, workspace), profile);
    try {
      const report = (line: string) => void process.stderr.write(`${line}\n`);
      const embedding = openEmbeddingModel(profile.pipeline.llm, null, (name) => findOnnx(name, { env, report }));
      const asked = await askAll(file, questions, embedQuestions(embedding, file.meta.model, report));
      return {
        memories: asked[0]?.ids.length ?? 0,
        questions: questions.length,
        embedded: file.meta.model,
        ...compare(asked),
      };
    } finally {
      file.close();
    }
  });
}

interface Asked {
  readonly row: QuestionRow;
  readonly ids: readonly string[];
  readonly order: (parts: readonly Part[]) => number[];
}

async function askAll(
  file: RecallFile,
  rows: readonly QuestionRow[],
  embed: ReturnType<typeof embedQuestions>,
): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const row of rows) {
    const scope = await file.scope(row.agent ?? null);
    const newest = scope.createdAt.reduce((most, time) => Math.max(most, time), 0);
    const question = readQuestion(row.question, scope, { asOf: newest, vector: await embed(row.question) });
    const order = (parts: readonly Part[]) => bestOf(rank(scope, question, parts).scores, scope.size);
    asked.push({ row, ids: Array.from({ length: scope.size }, (_, index) => scope.idOf(index)), order });
  }
  return asked;
}

function compare(asked: readonly Asked[]): Record<string, unknown> {
  const random = createRandom(1);
  const shuffled = asked.map(({ ids }) => {
    const keys = ids.map(() => random());
    return Array.from(ids.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
  });
  const by = (parts: readonly Part[]) =>
    judge(
      asked,
      asked.map(({ order }) => order(parts)),
    );
  return {
    all: by(PARTS),
    'BM25 (words alone)': by(['words']),
    random: judge(asked, shuffled),
    alone: Object.fromEntries(PARTS.map((part) => [part, by([part])])),
    without: Object.fromEntries(PARTS.map((part) => [part, by(PARTS.filter((each) => each !== part))])),
  };
}

function judge(asked: readonly Asked[], orders: readonly (readonly number[])[]): Worth {
  const found = asked.map(({ row, ids }, at) => {
    const place = new Map((orders[at] ?? []).map((index, rank) => [ids[index] ?? '', rank]));
    const ranks = (wanted: readonly string[]) => wanted.map((id) => place.get(id) ?? Number.POSITIVE_INFINITY);
    return { answers: ranks(row.answers), stale: ranks(row.stale) };
  });
  const mean = (value: (one: (typeof found)[number]) => number) =>
    Math.round((1000 * found.reduce((sum, one) => sum + value(one), 0)) / found.length) / 1000;
  const recallAt = (first: number) =>
    mean(({ answers }) => answers.filter((rank) => rank < first).length / answers.length);
  const changed = found.filter(({ stale }) => stale.length > 0);
  const current = changed.filter(({ answers, stale }) => Math.min(...answers) < Math.min(...stale));
  return {
    'R@1': recallAt(1),
    'R@5': recallAt(5),
    'R@10': recallAt(10),
    MRR: mean(({ answers }) => 1 / (1 + Math.min(...answers))),
    current: `${String(current.length)} of ${String(changed.length)}`,
  };
}

async function readQuestions(file: string): Promise<QuestionRow[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.map((line) => questionRow.parse(JSON.parse(line)));
}
