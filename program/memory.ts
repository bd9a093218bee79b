import { ConfigurationError, messageOf } from '../memory/errors.ts';
import { parseTime } from '../memory/time.ts';
import type { Feedback, FeedbackReport } from '../recall/feedback.ts';
import type { ForgetReceipt } from '../memory/types.ts';
import type { Held } from '../recall/forget.ts';
import type { EmbedQuestion } from '../recall/meaning.ts';
import type { RecallAnswer, RecallRequest } from '../recall/recall.ts';
import type { RecallFile } from '../recall/file.ts';
import type { Life } from '../recall/why.ts';
import type { JournalEntry, JournalLine } from '../source/journal.ts';
import { createContext, type Context, type SharedOptions } from './context.ts';
import type { Restored } from './forgetting.ts';
import type { RecallLog } from './recall-log.ts';

export type { Feedback, FeedbackReport } from '../recall/feedback.ts';
export type { Restored } from './forgetting.ts';
export type { Held } from '../recall/forget.ts';

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
  readonly source: { readonly file: string; readonly cycle: string };
}

/** What narrows a life. */
export interface WhyOptions {
  /** When it is asked, ISO 8601 with a zone; now by default. What was later is not told. */
  readonly asOf?: string | undefined;
}

/** A memory's life, and where it comes from. */
export interface WhyReport extends Life {
  readonly took_ms: number;
  readonly source: { readonly file: string; readonly cycle: string };
}

/** A memory to be written: a text, or the fields of a line of a journal and whose it is. */
export type NewMemory = string | (JournalLine & { readonly agent?: string | undefined });

/** The memory of agents, as programs, the command line and MCP clients use it. */
export interface Memory {
  /**
   * Writes memories to the agents' table, all or none; where no PostgreSQL runs, the workspace's own is started until `close`.
   * @returns how many rows were written: those that were there already are not
   * @throws ConfigurationError, ServiceError with what does not fit and what to do
   */
  remember(memories: NewMemory | Iterable<NewMemory> | AsyncIterable<NewMemory>): Promise<{ readonly written: number }>;
  /** The memories that answer a question, best first. @throws ConfigurationError for a time that is none */
  recall(question: string, options?: RecallOptions): Promise<RecallReport>;
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
  /** What the recall file holds of memories with these ids, in their order; what it does not hold, or has not yet, is left out. */
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
  /** Closes files and connections, and stops what was started for it. */
  close(): Promise<void>;
}

/**
 * Opens the memory of a profile's target. Nothing is read or started before it is asked for.
 * @throws ConfigurationError for a profile that cannot be used
 */
export function openMemory({ agent, report, ...options }: MemoryOptions = {}): Memory {
  const context = createContext(options);
  return memoryOf(report === undefined ? context : { ...context, report }, agent);
}

/** The same for who has a context already. */
export function memoryOf(context: Context, agent?: string): Memory {
  return new ContextMemory(context, agent);
}

interface Opened {
  readonly file: RecallFile;
  readonly path: string;
  readonly embed: EmbedQuestion;
}

class ContextMemory implements Memory {
  readonly #context: Context;
  readonly #agent: string | undefined;
  #opened: Promise<Opened> | undefined;
  #stop: (() => Promise<void>) | undefined;
  #log: Promise<RecallLog> | undefined;
  /** Agents of whom it was said that nothing is remembered. */
  readonly #unknown = new Set<string>();

  constructor(context: Context, agent: string | undefined) {
    this.#context = context;
    this.#agent = agent;
  }

  async remember(memories: NewMemory | Iterable<NewMemory> | AsyncIterable<NewMemory>) {
    const [{ withPostgres }, { writeMemories }, { sourceAddress }] = await Promise.all([
      import('./source.ts'),
      import('../source/memories.ts'),
      import('../source/address.ts'),
    ]);
    const services = await this.#provide();
    const profile = this.#context.profile(services);
    const address = sourceAddress(profile);
    if (address === null)
      throw new ConfigurationError(
        `${profile.file}: the source ${profile.pipeline.source.attachment} is no PostgreSQL, and remember writes to PostgreSQL only`,
      );
    return {
      written: await withPostgres(address, (client) =>
        writeMemories(client, profile, toEntries(memories, this.#agent)),
      ),
    };
  }

  async recall(question: string, options: RecallOptions = {}): Promise<RecallReport> {
    const began = performance.now();
    const request = toRequest(question, { agent: this.#agent, ...options });
    const log = options.record === false ? undefined : this.#openLog();
    // While the answer is looked for; what fails of it is told when it is recorded.
    log?.then(({ recorder }) => recorder.prepare()).catch(() => undefined);
    const [{ file, path, embed }, { recall }] = await Promise.all([this.#open(), import('../recall/recall.ts')]);
    await this.#nameAgents(file, request.agent);
    const found = await recall(file, embed, request);
    const memoryIds = found.results.map(({ id }) => id);
    const { agent = null, asOf: askedAt } = request;
    const id = await (await log)?.recorder.record({ agent, question, askedAt, memoryIds });
    const took = Math.round(performance.now() - began);
    const source = { file: path, cycle: file.meta.cycle_id };
    return { ...(id !== undefined && { recall_id: id }), ...found, took_ms: took, source };
  }

  async feedback(recallId: string, { asOf, ...grades }: Feedback): Promise<FeedbackReport> {
    const time = asOf === undefined ? undefined : readTime('as of', asOf);
    return (await this.#openLog()).feedback(recallId, { ...grades, asOf: time });
  }

  async why(id: string, { asOf = new Date().toISOString() }: WhyOptions = {}): Promise<WhyReport> {
    const began = performance.now();
    const [{ file, path }, { why, describeUnknown }] = await Promise.all([this.#open(), import('../recall/why.ts')]);
    const life = await why(file, { id, asOf: readTime('as of', asOf) });
    if (life === null) throw await describeUnknown(file, id);
    const took = Math.round(performance.now() - began);
    return { ...life, took_ms: took, source: { file: path, cycle: file.meta.cycle_id } };
  }

  async lookUp(ids: readonly string[]): Promise<Held[]> {
    const { existsSync } = await import('node:fs');
    const [{ lookUp }, { recallFileOf }] = await Promise.all([
      import('../recall/forget.ts'),
      import('../recall/paths.ts'),
    ]);
    if (!existsSync(recallFileOf(this.#context.offlineProfile(), this.#context.workspace))) return [];
    return lookUp((await this.#open()).file, ids);
  }

  async forget(ids: readonly string[]): Promise<ForgetReceipt> {
    const { forgetMemories } = await import('./forgetting.ts');
    const { postgres } = await this.#provideOwn();
    return forgetMemories(this.#context, postgres, ids).finally(() => this.#closeFile());
  }

  async restore(id: string): Promise<Restored> {
    const { restoreMemory } = await import('./forgetting.ts');
    const { postgres } = await this.#provideOwn();
    return restoreMemory(this.#context, postgres, id).finally(() => this.#closeFile());
  }

  async close(): Promise<void> {
    await (await this.#log?.catch(() => undefined))?.close();
    await this.#closeFile();
    await this.#stop?.();
  }

  #openLog(): Promise<RecallLog> {
    return (this.#log ??= import('./recall-log.ts').then(({ RecallLog }) => new RecallLog(this.#context)));
  }

  /** PostgreSQL with the agents' table, started where it does not run. */
  async #provide() {
    const [{ providePostgres }, { prepareSource }] = await Promise.all([
      import('../services/services.ts'),
      import('./source.ts'),
    ]);
    const services = await providePostgres(this.#context);
    this.#stop ??= services.stop;
    await prepareSource(this.#context, services.postgres);
    return services;
  }

  /** The same, for what changes the state: only the one that has fed it. */
  async #provideOwn() {
    const { refuseEmbedded } = await import('./fed-from.ts');
    await refuseEmbedded(this.#context);
    return this.#provide();
  }

  /** What is opened next sees what was published since. */
  async #closeFile(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    opened?.file.close();
  }

  #open(): Promise<Opened> {
    this.#opened ??= openFile(this.#context);
    this.#opened.catch(() => (this.#opened = undefined));
    return this.#opened;
  }

  async #nameAgents(file: RecallFile, agent: string | undefined): Promise<void> {
    if (agent === undefined || this.#unknown.has(agent)) return;
    const names = (await file.agents()).map((each) => each.agent);
    if (names.includes(agent)) return;
    this.#unknown.add(agent);
    this.#context.report(`recall: nothing of ${agent} is remembered; the agents are ${names.join(', ')}`);
  }
}

async function openFile(context: Context): Promise<Opened> {
  const [{ RecallFile }, { embedQuestions }, { recallFileOf }, { openModels }] = await Promise.all([
    import('../recall/file.ts'),
    import('../recall/meaning.ts'),
    import('../recall/paths.ts'),
    import('./models.ts'),
  ]);
  const profile = context.offlineProfile();
  const path = recallFileOf(profile, context.workspace);
  const file = await RecallFile.open(path, profile);
  const { embedding } = await openModels(context, profile, { command: 'recall', signal: new AbortController().signal });
  return { file, path, embed: embedQuestions(embedding, file.meta.model, context.report) };
}

async function* toEntries(
  memories: NewMemory | Iterable<NewMemory> | AsyncIterable<NewMemory>,
  usual: string | undefined,
): AsyncGenerator<JournalEntry> {
  const { createEntry } = await import('../source/journal.ts');
  const now = new Date().toISOString();
  for await (const memory of isOne(memories) ? [memories] : memories) {
    const { agent, ...line } = typeof memory === 'string' ? { content: memory } : memory;
    const named = agent === undefined ? {} : { agent };
    const metadata = { ...(usual !== undefined && { agent: usual }), ...line.metadata, ...named };
    yield createEntry({ ...line, metadata }, now);
  }
}

function isOne(memories: NewMemory | Iterable<NewMemory> | AsyncIterable<NewMemory>): memories is NewMemory {
  return typeof memories === 'string' || 'content' in memories;
}

function toRequest(question: string, options: RecallOptions): RecallRequest {
  const { agent, asOf = new Date().toISOString(), since, until, tags, limit = 5 } = options;
  const time = (name: string, given: string | undefined) => (given === undefined ? undefined : readTime(name, given));
  const [from, to] = [time('since', since), time('until', until)];
  return { question, agent, asOf: readTime('as of', asOf), since: from, until: to, tags, limit };
}

function readTime(name: string, text: string): string {
  try {
    return parseTime(text);
  } catch (error) {
    throw new ConfigurationError(`${name}: expected ${messageOf(error)}, got ${text}`);
  }
}
