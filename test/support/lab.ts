import type { Info } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { createActivities, type Activities } from '../../activities/index.ts';
import { featuresSchema, type Features } from '../../activities/working-memory.features.prompt.ts';
import { computeChecksum } from '../../duckdb/checksum.ts';
import { connect, type Database } from '../../duckdb/database.ts';
import type { Row } from '../../duckdb/statement.ts';
import { LlmCache } from '../../llm-sql/cache.ts';
import { cacheModel } from '../../llm-sql/cached-model.ts';
import type { Embedder } from '../../llm/embedder.ts';
import type { Reader } from '../../llm/task.ts';
import type { Model } from '../../llm/model.ts';
import { rules } from '../../llm/rules.ts';
import type { Parameters } from '../../memory/parameters.ts';
import type { Counts, StepInput } from '../../memory/types.ts';
import type { LlmSettings } from '../../profiles/pipeline.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { Postgres } from '../../source/pool.ts';
import { publishedFiles } from '../../recall/paths.ts';
import { makeProfile, query } from './database.ts';

/** A row of the agents' table, and what a reader is to find in it (by default, what the rules find). */
export interface Written {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly updated?: string;
  readonly content?: string;
  readonly agent?: string;
  readonly tags?: readonly string[] | null;
  readonly context?: string;
  readonly metadata?: string | null;
  /** `mentions` are entities of type name. */
  readonly found?: Partial<Features> & { readonly mentions?: readonly string[] };
}

export type StepName = Exclude<
  keyof Activities,
  'rehearse' | 'summarizeState' | 'listRejected' | 'computeStateChecksum' | 'forgetMemories' | 'restoreMemory'
>;

/** The steps of a night up to write-back, in order. */
export const NIGHT = [
  'ingestMemories',
  'readFeatures',
  'attendMemories',
  'embedMemories',
  'bindEpisodes',
  'describeEpisodes',
  'consolidateTraces',
  'integrateNetwork',
  'linkChanges',
  'learnGists',
  'scaleAssociations',
  'associateDistantly',
] as const satisfies readonly StepName[];

/** Who reads the text, given the reader that finds what a test has written down. */
type Wrap = (scripted: Reader) => Reader;

/** A pipeline on in-memory databases, whose steps run as activities. */
export class Lab {
  readonly #found = new Map<string, Features>();
  readonly activities: Activities;
  /** What the steps have told the person who watches the worker. */
  readonly lines: string[] = [];

  constructor(
    readonly profile: Profile,
    readonly database: Database,
    llm: Wrap = (scripted) => scripted,
    postgres: Postgres = new pg.Pool({ max: 1 }),
    embedder: Embedder | null = null,
    recallFile: string | null = null,
    rewrite: (() => Promise<void>) | null = null,
  ) {
    this.activities = createActivities({
      profile,
      database,
      postgres,
      embedder,
      recallFile,
      rewrite,
      report: (line) => void this.lines.push(line),
      reader: llm({ ...rules, answerMany: this.#answer }),
    });
  }

  /** Writes rows to the agents' table, replacing those of the same id. */
  async write(...memories: Written[]): Promise<void> {
    for (const memory of memories) {
      if (memory.found) this.#found.set(contentOf(memory), complete(memory.found));
    }
    const rows = JSON.stringify(memories.map(toRow));
    await this.database.use(async (connection) => {
      await connection.run(
        `insert or replace into source_memories.public.memories
         select unnest(from_json($1, '[{"id": "VARCHAR", "content": "VARCHAR", "context": "VARCHAR", "tags": ["VARCHAR"],
           "metadata": "VARCHAR", "created_at": "TIMESTAMPTZ", "updated_at": "TIMESTAMPTZ"}]'), recursive := true)`,
        [rows],
      );
    });
  }

  async erase(...ids: string[]): Promise<void> {
    await this.rows(`delete from source_memories.public.memories where id in ('${ids.join("', '")}')`);
  }

  run(step: StepName, asOf: string, environment = makeEnvironment(), input: Partial<StepInput> = {}): Promise<Counts> {
    const filled = { asOf: new Date(asOf).toISOString(), dryRun: false, limits: {}, ...input };
    return environment.run(this.activities[step], filled);
  }

  /** Runs steps in order, by default those of a whole night, which looks at every row; gives the counts of each. */
  async live(asOf: string, steps: readonly StepName[] = NIGHT): Promise<Partial<Record<StepName, Counts>>> {
    const counts: Partial<Record<StepName, Counts>> = {};
    const everyRow = NIGHT.every((step) => steps.includes(step));
    for (const step of steps) counts[step] = await this.run(step, asOf, undefined, { everyRow });
    return counts;
  }

  rows(sql: string): Promise<Row[]> {
    return query(this.database, sql);
  }

  /** One column of a query as a list. */
  async list(sql: string): Promise<unknown[]> {
    return (await this.rows(sql)).map((row) => Object.values(row)[0]);
  }

  /** The hash of each state table. */
  async state(): Promise<Record<string, string>> {
    const { tables } = await this.database.use(computeChecksum);
    return Object.fromEntries(tables.map(({ table, rows, hash }) => [table, `${String(rows)} ${hash}`]));
  }

  readonly #answer: Reader['answerMany'] = async (task, inputs, signal) => {
    const answers = await rules.answerMany(task, inputs, signal);
    return answers.map((answer, index) => {
      const known = task.name === 'features' && this.#found.get((inputs[index] as { content: string }).content);
      return known ? { value: task.answer.parse(known), madeBy: 'test' } : answer;
    });
  };
}

/**
 * Where an activity believes to be run by a worker, with what it is told about itself; what it logs about a failure that a test
 * wants is not printed.
 */
export function makeEnvironment(info: Partial<Info> = {}): MockActivityEnvironment {
  const silent = () => undefined;
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  return new MockActivityEnvironment(info, { logger });
}

type ArgumentsOf<F> = F extends (...options: infer Options) => unknown ? Options : never;

interface Extras {
  readonly scope?: string;
  readonly model?: Model | null;
  readonly embedder?: Embedder | null;
  /** Where the recall file is published; without one it is not. */
  readonly recallFile?: string | null;
  /** Besides json. */
  readonly extensions?: readonly string[];
}

/**
 * A laboratory for one test, without PostgreSQL; `llm` may wrap the reader of text, or have `model` read, with the database's
 * cache, and memories are embedded by `embedder`.
 */
export async function openLab(...options: ArgumentsOf<typeof makeLab>): Promise<Lab> {
  const lab = await makeLab(...options);
  onTestFinished(() => lab.database.close());
  return lab;
}

/** The same for whoever closes its database. */
export async function makeLab(
  parameters: Partial<Parameters> = {},
  llm?: (scripted: Reader, model: Model | null) => Reader,
  settings: Partial<LlmSettings> = {},
  { model = null, embedder = null, recallFile = null, extensions = [], scope = 'agent' }: Extras = {},
): Promise<Lab> {
  const profile = makeProfile({ extensions: ['json', ...extensions], pipeline: { scope, parameters, llm: settings } });
  const allowedPaths = recallFile === null ? [] : publishedFiles(recallFile);
  const database = await connect(profile, () => undefined, { allowedPaths });
  await query(database, 'create schema source_memories.public');
  await query(
    database,
    `create table source_memories.public.memories (id varchar primary key, content varchar, context varchar,
       tags varchar[], metadata varchar, created_at timestamptz, updated_at timestamptz)`,
  );
  const cached = () => model && cacheModel(model, new LlmCache(database, profile.pipeline.llm.cache));
  return new Lab(profile, database, llm && ((scripted) => llm(scripted, cached())), undefined, embedder, recallFile);
}

function contentOf({ id, content }: Written): string {
  return content ?? `memory ${id}`;
}

function toRow(memory: Written) {
  const { id, at, updated = at, agent, tags = [], context = null } = memory;
  const metadata = agent === undefined ? null : JSON.stringify({ agent });
  const times = { created_at: at, updated_at: updated };
  return { id, content: contentOf(memory), context, tags, metadata: memory.metadata ?? metadata, ...times };
}

function complete({ mentions = [], ...found }: NonNullable<Written['found']>): Features {
  return featuresSchema.parse({
    kind: 'note',
    importance: 0.5,
    urgency: 0,
    arousal: 0,
    valence: 0,
    entities: mentions.map((name) => ({ name, label: name, type: 'name' })),
    dates: [],
    gist: '',
    ...found,
  });
}
