import { z } from 'zod';
import { parseTime } from './time.ts';

/** The stages of a night, in the order in which a memory travels through them. */
export const STAGES = [
  'ingest',
  'workingMemory',
  'shortTermMemory',
  'consolidation',
  'longTermMemory',
  'homeostasis',
  'rem',
  'writeBack',
] as const;

export type Stage = (typeof STAGES)[number];

/** What becomes of a memory; the names are the predecessor's. */
export const FATES = ['cortical_transfer', 'hippocampal_retention', 'gradual_forgetting', 'rapid_forgetting'] as const;

export type Fate = (typeof FATES)[number];

/** A time that somebody wrote, as ISO 8601 in UTC. */
export const timeSchema = z.string().transform((text, { issues }) => {
  try {
    return parseTime(text);
  } catch (error) {
    const expected = (error as RangeError).message.replace('ISO 8601', 'an ISO 8601 time');
    issues.push({ code: 'custom', input: text, message: `expected ${expected}` });
    return z.NEVER;
  }
});

/** Optional bounds of one run. */
export const limitsSchema = z.strictObject({
  /** Memories replayed at most; the profile's `replay_budget` when absent. */
  replays: z.int().min(0).max(10_000).optional(),
});

/** What every stage workflow takes; each field may be left out. */
export const stageInputSchema = z.strictObject({
  /** The logical time of the run, ISO 8601; the schedule's nominal time, else the start time, when absent. */
  asOf: timeSchema.optional(),
  /** Count what would happen and change nothing. */
  dryRun: z.boolean().optional(),
  limits: limitsSchema.optional(),
  /**
   * Ingest compares every row of the source with what is kept, so that an edit which no clock shows is found; else only what was
   * written since the last cycle. When absent: true for a whole night and for `ingest` by itself.
   */
  everyRow: z.boolean().optional(),
});

/** What `memoryCycle` takes besides: the stages to run, all eight when absent. */
export const cycleInputSchema = stageInputSchema.extend({ stages: z.array(z.enum(STAGES)).min(1).optional() });

export type Limits = z.infer<typeof limitsSchema>;
export type StageInput = z.infer<typeof stageInputSchema>;
export type CycleInput = z.infer<typeof cycleInputSchema>;

/** A stage input with its time: what activities take. */
export interface StepInput {
  /** ISO 8601 in UTC; also the cycle's identity. */
  readonly asOf: string;
  readonly dryRun: boolean;
  readonly limits: Limits;
  readonly everyRow?: boolean;
}

/** Named counts; the only thing that leaves an activity. */
export type Counts = Record<string, number>;

export interface StageReport {
  readonly stage: Stage;
  readonly status: 'done' | 'already running';
  readonly counts: Counts;
  /** The first rows that could not be used, where `counts.rejected` says that there are some. */
  readonly rejected?: readonly RejectedRow[];
}

/** A row that was passed over, so that it stops nobody else's. It is used as soon as it has been mended. */
export interface RejectedRow {
  /** Null: the row has none. */
  readonly id: string | null;
  /** The column of the agents' table, or where the row could not be written back the table of schema dreams. */
  readonly column: string;
  /** Completes "<column> ...", without the row's text. */
  readonly reason: string;
  /** Rows of the source that are meant: more than one where they share an id or have none. */
  readonly rows: number;
}

export interface CycleReport {
  readonly status: 'done' | 'already running';
  readonly asOf: string;
  readonly stages: StageReport[];
}

/** Rows of each state table and a hash of them in which their order does not count; equal means equal state. */
export interface StateChecksum {
  /** MD5 over all tables, as 32 hexadecimal digits. */
  readonly checksum: string;
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly hash: string }[];
}

/** A memory by its id, with its fate and the measured reasons for it. */
export interface MemoryDigest {
  readonly id: string;
  readonly fate: Fate;
  /** Probability of recall, in (0, 1]. */
  readonly retrievability: number;
  readonly why: string;
}

/** What is held as of a time; ids only, the texts are in schema dreams. */
export interface StateSummary {
  readonly totals: {
    readonly memories: number;
    /** Runs of an agent's memories without a long silence, each of one episode or several. */
    readonly sessions: number;
    readonly episodes: number;
    readonly associations: number;
    /** Gists and insights. */
    readonly insights: number;
    readonly fates: Readonly<Record<Fate, number>>;
  };
  readonly kept: readonly MemoryDigest[];
  readonly faded: readonly MemoryDigest[];
  /** Ids of gists and insights. */
  readonly learned: readonly string[];
  readonly readers: readonly Reader[];
  /** By the memories that they embedded; the vectors of one that embeds no more go when nothing waits for the next. */
  readonly embedders: readonly Embedder[];
}

/** A model, as `onnx-all-MiniLM-L6-v2@afdb6f1a0e45` or `all-minilm@1b226e2802db`. */
export interface Embedder {
  readonly model: string;
  readonly memories: number;
}

/** Who read memories and episodes, or wrote gists and insights: `rules#<version>` or `ollama:<model>@<digest>#<task>.<version>`. */
export interface Reader {
  readonly madeBy: string;
  /** Rows that it made, of those held. */
  readonly texts: number;
}

/** What is to be forgotten. */
export interface ForgetInput {
  readonly ids: readonly string[];
  /** ISO 8601 in UTC. */
  readonly asOf: string;
}

/** What came of it: all was erased, or nothing, because of some ids nobody knows anything. */
export type ForgetOutcome =
  | { readonly status: 'forgotten'; readonly receipt: ForgetReceipt }
  | { readonly status: 'unknown'; readonly ids: readonly string[] };

/** What was erased where, and what was looked for afterwards. Counts and ids alone, no text. */
export interface ForgetReceipt {
  readonly asOf: string;
  /** Memories that are forgotten now, those of earlier requests that were broken off included. */
  readonly forgotten: number;
  /** Memories of the request that were forgotten before. */
  readonly already: number;
  /** The agents' table. */
  readonly source: {
    readonly deleted: number;
    /** Rows that could not be deleted; they are never taken over again. */
    readonly left: number;
    /** Why, in PostgreSQL's words; null where none is left. */
    readonly why: string | null;
    /** What its owner has to run; null where none is left. */
    readonly sql: string | null;
  };
  /** Rows that are gone, by table; schema dreams is PostgreSQL's, main DuckDB's. */
  readonly erased: Counts;
  /** Bytes of the database file before and after it was rewritten; null where it is in memory. */
  readonly rewritten: { readonly before: number; readonly after: number } | null;
  /** Whether a recall file was published without them. */
  readonly published: boolean;
  /** Other targets that still hold some of them in schema dreams: each forgets for itself. */
  readonly elsewhere: readonly string[];
  readonly search: ForgetSearch;
  /** Where something was found; empty as it should be. */
  readonly found: readonly Trace[];
}

/** What was looked for, and where. */
export interface ForgetSearch {
  readonly ids: number;
  /** Sentences, and other stretches of the texts. */
  readonly parts: number;
  /** Parts that were not looked for, since they stand in memories that are kept, too. */
  readonly shared: number;
  /** Memories without a part to look for: of an earlier request, whose text was gone already, or too short a text. */
  readonly withoutText: number;
  readonly tables: number;
  readonly files: number;
  readonly bytes: number;
}

/** Something that was found where it should not be. */
export interface Trace {
  /** A table, as `main.mention` or `dreams.working_memory`, or a file. */
  readonly place: string;
  readonly what: 'id' | 'text' | 'could not be searched';
  /** Rows; of a file the different ids and parts that stand in it. */
  readonly times: number;
}

/** Which memory is to be brought back. */
export interface RestoreInput {
  readonly id: string;
  /** ISO 8601 in UTC. */
  readonly asOf: string;
}

/** What came of it. */
export type RestoreOutcome =
  | { readonly status: 'restored'; readonly fate: Fate; readonly retrievability: number }
  | { readonly status: 'not archived'; readonly fate: Fate | null }
  | { readonly status: 'forgotten' | 'unknown' };
