import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findOnnx } from '../downloads/onnx.ts';
import { openEmbeddingModel } from '../llm/embedding-model.ts';
import type { EmbeddingModel } from '../llm/model.ts';
import { loadProfile } from '../profiles/profile.ts';
import { RecallFile } from '../recall/file.ts';
import { Meaning } from '../recall/meaning.ts';
import { recallFileOf } from '../recall/paths.ts';
import { runBiomem, withFolder } from './biomem.ts';
import { askAll, compare, type Comparison } from './recall.orders.ts';
import { printTable } from './recall.table.ts';
import { publishWaking } from './recall.waking.ts';
import { questionRow, type QuestionRow } from './recall.worth.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const report = (line: string) => void process.stderr.write(`${line}\n`);

/** A store that is asked. */
interface Store {
  readonly name: string;
  readonly hasVectors: boolean;
  /** Makes it and says where its recall file is. */
  readonly make: (folder: string) => Promise<string>;
}

/**
 * The sample's questions, or those of `--questions` on `--journal`: each part of the ranking alone, all, and all but each, with BM25
 * and chance beside them; by a worker that has not slept and after the nights (`--nights N` of them; 0: not), with vectors and without.
 */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { journal: { type: 'string' }, questions: { type: 'string' }, nights: { type: 'string' } },
  });
  const {
    journal = join(ROOT, 'sample/journal.jsonl'),
    questions = join(ROOT, 'sample/questions.jsonl'),
    nights,
  } = values;
  const rows = await readQuestions(questions);
  const results: Record<string, Comparison> = {};
  for (const store of storesOf(journal, nights)) {
    report(`recall: ${store.name}`);
    results[store.name] = await withFolder((folder) => ask(store, folder, rows));
  }
  report(`\n${printTable(results)}\n`);
  return { questions: rows.length, ...results };
}

function storesOf(journal: string, nights: string | undefined): Store[] {
  const model = openModel();
  const waking = (vectors: boolean) => async (folder: string) => {
    const path = join(folder, 'waking.recall.duckdb');
    await publishWaking(journal, path, vectors ? model : null);
    return path;
  };
  const slept = (vectors: boolean) => (folder: string) => dream(folder, journal, nights, vectors);
  const after = nights === undefined ? 'after a night a day' : `after ${nights} nights`;
  return [
    ...(nights === '0'
      ? []
      : [
          { name: after, hasVectors: true, make: slept(true) },
          { name: `${after}, no vectors`, hasVectors: false, make: slept(false) },
        ]),
    { name: 'before the first night', hasVectors: true, make: waking(true) },
    { name: 'before the first night, no vectors', hasVectors: false, make: waking(false) },
  ];
}

/** Lives the journal's nights as the tour does; without vectors by a copy of the profile that embeds nothing. */
async function dream(folder: string, journal: string, nights: string | undefined, vectors: boolean): Promise<string> {
  const profiles = join(folder, 'profiles');
  await mkdir(profiles);
  await copyFile(join(ROOT, 'profiles.yml'), join(profiles, 'profiles.yml'));
  if (!vectors) {
    const text = await readFile(join(ROOT, 'profiles.yml'), 'utf8');
    await writeFile(join(profiles, 'profiles.yml'), text.replaceAll(/^( +embed:) ".*"$/gm, '$1 null'));
  }
  const workspace = join(folder, 'workspace');
  const args = ['--workspace', workspace, '--profiles-dir', profiles, '--journal', journal];
  await runBiomem(['dream', ...args, ...(nights === undefined ? [] : ['--nights', nights])]);
  return recallFileOf({ path: join(workspace, 'dev.duckdb'), target: 'dev' }, workspace);
}

async function ask({ make, hasVectors }: Store, folder: string, rows: readonly QuestionRow[]): Promise<Comparison> {
  const path = await make(folder);
  const file = await RecallFile.open(path, openProfile());
  try {
    const embed = new Meaning(hasVectors ? openModel() : null, report).questionsFor(file.meta.model);
    return compare(rows, await askAll(file, embed, rows));
  } finally {
    file.close();
  }
}

function openProfile() {
  const env = { ...process.env, POSTGRES_DB_URL: 'postgresql://127.0.0.1/none' };
  return loadProfile({ profilesDir: ROOT, target: 'dev', env, cwd: ROOT });
}

/** The model of the profile that comes with the program. */
export function openModel(): EmbeddingModel | null {
  const find = (name: string) => findOnnx(name, { env: process.env, report });
  return openEmbeddingModel(openProfile().pipeline.llm, null, find);
}

export async function readQuestions(file: string): Promise<QuestionRow[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.map((line) => questionRow.parse(JSON.parse(line)));
}
