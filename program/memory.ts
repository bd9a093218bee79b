import type { ForgetReceipt } from '../memory/types.ts';
import type { TaskContext } from '../recall/context.ts';
import type { Feedback, FeedbackReport } from '../recall/feedback.ts';
import type { Held } from '../recall/forget.ts';
import type { LastNight } from '../recall/night.ts';
import type { RecallSource } from '../recall/published.ts';
import type { RecallAnswer } from '../recall/recall.ts';
import type { Life } from '../recall/why.ts';
import type { Attended } from '../recall/working-memory.ts';
import type { SharedOptions } from './context.ts';
import type { Restored } from './forgetting.ts';
import type { NewMemories } from './new-memory.ts';
import type { MemoryStatus } from './status.ts';

export type { Feedback, FeedbackReport } from '../recall/feedback.ts';
export type { Held } from '../recall/forget.ts';
export type { Restored } from './forgetting.ts';
export type { NewMemories, NewMemory } from './new-memory.ts';

/** Which memory is opened: the options of the command line, with the same defaults. */
export interface MemoryOptions extends Pick<
  SharedOptions,
  'target' | 'profile' | 'profilesDir' | 'workspace' | 'vars' | 'threads'
> {
  /** Whose memories are written and asked for where a call names nobody. */
  readonly agent?: string | undefined;
  /** Hears lines for a person; by default they go to stderr. */
  readonly report?: (line: string) => void;
}

/** What narrows a question. */
export interface RecallOptions {
  /** Whose memories; all agents' by default. */
  readonly agent?: string | undefined;
  /** When it is asked, ISO 8601 with a zone; now by default. Later memories are not known yet, and "last week" counts from there. */
  readonly asOf?: string | undefined;
  /** Only memories written from `since` on, and before `until`; ISO 8601 with a zone. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** Only memories with one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Memories at most, by default 5. */
  readonly limit?: number | undefined;
  /** Whether what was recalled is recorded, so that feedback on it strengthens; true by default. */
  readonly record?: boolean | undefined;
}

/** An answer, and where it comes from. */
export interface RecallReport extends RecallAnswer {
  /** What feedback names; absent where the recall is not recorded. */
  readonly recall_id?: string;
  readonly took_ms: number;
  readonly source: RecallSource;
}

/** What narrows a prompt's worth of memory. */
export interface ContextOptions extends Pick<RecallOptions, 'agent' | 'asOf' | 'record'> {
  /** What the text may take at most, counted without any model's tokenizer and rather too many; by default 1500. */
  readonly tokens?: number | undefined;
}

/** A prompt's worth of memory, and where it comes from. */
export interface ContextReport extends TaskContext {
  /** What feedback names; absent where the recall is not recorded. */
  readonly recall_id?: string;
  readonly took_ms: number;
  readonly source: RecallSource;
}

/** What narrows a life. */
export interface WhyOptions {
  /** When it is asked, ISO 8601 with a zone; now by default. What was later is not told. */
  readonly asOf?: string | undefined;
}

/** A memory's life, and where it comes from. */
export interface WhyReport extends Life {
  readonly took_ms: number;
  /** `cycle` is null of a memory that no cycle has read yet. */
  readonly source: { readonly file: string; readonly cycle: string | null };
}

/** The memory of agents, as programs, the command line and MCP clients use it. */
export interface Memory {
  /**
   * Writes memories to the agents' table, all or none; where no PostgreSQL runs, the workspace's own is started until `close`.
   * A row of the same id is replaced by a later one, with `keep` it stays as it is.
   * @returns how many rows were written: those that were there already are not
   * @throws ConfigurationError, ServiceError with what does not fit and what to do
   */
  remember(memories: NewMemories, options?: { readonly keep?: boolean }): Promise<{ readonly written: number }>;
  /** The memories that answer a question, best first. @throws ConfigurationError for a time that is none */
  recall(question: string, options?: RecallOptions): Promise<RecallReport>;
  /**
   * What a prompt for a task should know, as a text within so many tokens: what was learned, then memories, marked as data. The same
   * file, task and time give the same text.
   * @throws ConfigurationError for a time, or a number of tokens, that is none
   */
  context(task: string, options?: ContextOptions): Promise<ContextReport>;
  /**
   * What happened to a memory, how strong it was and is, what it belongs to, and why; `id` may be the first 8 or more characters of one.
   * @throws UnknownMemoryError with the nearest ids
   */
  why(id: string, options?: WhyOptions): Promise<WhyReport>;
  /**
   * Says of what use a recall was: the next cycle strengthens the memories that were used, and associates them. The same once more
   * changes nothing, and a grade stands.
   * @throws ConfigurationError for an unknown recall, or a memory that was not in it; ServiceError where no PostgreSQL keeps it
   */
  feedback(recallId: string, feedback: Feedback): Promise<FeedbackReport>;
  /** What the recall file and the newest rows of the agents' table hold of memories with these ids, in their order; others are left out. */
  lookUp(ids: readonly string[]): Promise<Held[]>;
  /**
   * Erases memories everywhere: rows of the agents' table as far as the role may, everything that was made of them, and the bytes of the
   * files. It asks nobody, and cannot be undone.
   * @returns what was erased, and what a search for it found afterwards: nothing, as it should be
   * @throws ConfigurationError for an id that nobody knows (then nothing is erased), ServiceError
   */
  forget(ids: readonly string[]): Promise<ForgetReceipt>;
  /**
   * Brings a memory back that was archived; it counts as recalled.
   * @throws ConfigurationError for one that is not archived, unknown or forgotten; ServiceError
   */
  restore(id: string): Promise<Restored>;
  /** What each agent attended to last, or the one for whom this memory was opened. */
  workingMemory(): Promise<readonly Attended[]>;
  /** What the last whole night did; null before the first. */
  lastNight(): Promise<LastNight | null>;
  /** What can be asked now and what runs; starts nothing. */
  status(): Promise<MemoryStatus>;
  /** Opens the file and the model now, so that the first question does not wait for them. */
  prepare(): Promise<void>;
  /**
   * Lets what was asked for end, closes files and connections, and stops what was started for it. Whoever asks afterwards gets a
   * ConfigurationError.
   */
  close(): Promise<void>;
}
