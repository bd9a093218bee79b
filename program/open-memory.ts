import { ConfigurationError, messageOf } from '../memory/errors.ts';
import { parseTime } from '../memory/time.ts';
import type { RecallFile } from '../recall/file.ts';
import type { EmbedQuestion } from '../recall/meaning.ts';
import type { RecallRequest } from '../recall/recall.ts';
import { AgentsTable } from './agents-table.ts';
import { createContext, type Context } from './context.ts';
import type {
  ContextOptions,
  ContextReport,
  Feedback,
  Memory,
  MemoryOptions,
  NewMemories,
  RecallOptions,
  RecallReport,
  WhyOptions,
} from './memory.ts';
import type { RecallLog } from './recall-log.ts';

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
  return new OpenMemory(context, agent);
}

interface Opened {
  readonly file: RecallFile;
  readonly path: string;
  readonly embed: EmbedQuestion;
}

class OpenMemory implements Memory {
  readonly #context: Context;
  readonly #agent: string | undefined;
  readonly #table: AgentsTable;
  #opened: Promise<Opened> | undefined;
  #log: Promise<RecallLog> | undefined;
  /** Agents of whom it was said that nothing is remembered. */
  readonly #unknown = new Set<string>();

  constructor(context: Context, agent: string | undefined) {
    this.#context = context;
    this.#agent = agent;
    this.#table = new AgentsTable(context);
  }

  async remember(memories: NewMemories, options: { readonly keep?: boolean } = {}) {
    return { written: await this.#table.write(memories, this.#agent, options) };
  }

  async recall(question: string, options: RecallOptions = {}): Promise<RecallReport> {
    const request = toRequest(question, { agent: this.#agent, ...options });
    return this.#answer(request, options, async ({ file, embed }) => {
      const { recall } = await import('../recall/recall.ts');
      const found = await recall(file, embed, request);
      return [found, found.results];
    });
  }

  async context(task: string, { tokens = 1_500, ...options }: ContextOptions = {}): Promise<ContextReport> {
    if (!Number.isSafeInteger(tokens) || tokens < 1)
      throw new ConfigurationError(`tokens: expected a whole number from 1, got ${String(tokens)}`);
    const { agent, asOf, question } = toRequest(task, { agent: this.#agent, ...options });
    return this.#answer({ agent, asOf, question }, options, async ({ file, embed }) => {
      const { gatherContext } = await import('../recall/context.ts');
      const found = await gatherContext(file, embed, { task, agent, asOf, tokens });
      return [found, found.memories];
    });
  }

  /** Finds something in the recall file, and records which memories that were. */
  async #answer<Found>(
    { question, agent, asOf }: Pick<RecallRequest, 'question' | 'agent' | 'asOf'>,
    { record = true }: Pick<RecallOptions, 'record'>,
    find: (opened: Opened) => Promise<readonly [Found, readonly { readonly id: string }[]]>,
  ) {
    const began = performance.now();
    const log = record ? this.#openLog() : undefined;
    // While the answer is looked for; what fails of it is told when it is recorded.
    log?.then(({ recorder }) => recorder.prepare()).catch(() => undefined);
    const opened = await this.#open();
    await this.#nameAgents(opened.file, agent);
    const [found, memories] = await find(opened);
    const memoryIds = memories.map(({ id }) => id);
    const id = await (await log)?.recorder.record({ agent: agent ?? null, question, askedAt: asOf, memoryIds });
    const source = { file: opened.path, cycle: opened.file.meta.cycle_id };
    return { ...(id !== undefined && { recall_id: id }), ...found, took_ms: millisecondsSince(began), source };
  }

  async feedback(recallId: string, { asOf, ...grades }: Feedback) {
    const time = asOf === undefined ? undefined : readTime('as of', asOf);
    return (await this.#openLog()).feedback(recallId, { ...grades, asOf: time });
  }

  async why(id: string, { asOf = new Date().toISOString() }: WhyOptions = {}) {
    const began = performance.now();
    const [{ file, path }, { why, describeUnknown }] = await Promise.all([this.#open(), import('../recall/why.ts')]);
    const life = await why(file, { id, asOf: readTime('as of', asOf) });
    if (life === null) throw await describeUnknown(file, id);
    return { ...life, took_ms: millisecondsSince(began), source: { file: path, cycle: file.meta.cycle_id } };
  }

  async lookUp(ids: readonly string[]) {
    const [{ lookUp }, { UnreadableFileError }] = await Promise.all([
      import('../recall/forget.ts'),
      import('../recall/file.open.ts'),
    ]);
    try {
      return await lookUp((await this.#open()).file, ids);
    } catch (error) {
      // Without a file nothing can be shown; that is no reason not to forget.
      if (error instanceof UnreadableFileError) return [];
      throw error;
    }
  }

  async forget(ids: readonly string[]) {
    const { forgetMemories } = await import('./forgetting.ts');
    const { postgres } = await this.#table.provideOwn();
    return forgetMemories(this.#context, postgres, ids).finally(() => this.#closeFile());
  }

  async restore(id: string) {
    const { restoreMemory } = await import('./forgetting.ts');
    const { postgres } = await this.#table.provideOwn();
    return restoreMemory(this.#context, postgres, id).finally(() => this.#closeFile());
  }

  async workingMemory() {
    const [{ file }, { readWorkingMemory }] = await Promise.all([this.#open(), import('../recall/working-memory.ts')]);
    return readWorkingMemory(file, this.#agent ?? null);
  }

  async lastNight() {
    const [{ file }, { readLastNight }] = await Promise.all([this.#open(), import('../recall/night.ts')]);
    return readLastNight(file);
  }

  async status() {
    const { readStatus } = await import('./status.ts');
    return readStatus(this.#context, () => this.#open());
  }

  async prepare() {
    const [{ file, embed }] = await Promise.all([this.#open(), import('../recall/recall.ts')]);
    await Promise.all([file.scope(this.#agent ?? null), embed('memory')]);
  }

  async close() {
    const log = this.#log;
    this.#log = undefined;
    await (await log?.catch(() => undefined))?.close();
    await this.#closeFile();
    await this.#table.close();
  }

  #openLog(): Promise<RecallLog> {
    return (this.#log ??= import('./recall-log.ts').then(({ RecallLog }) => new RecallLog(this.#context)));
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
  const signal = new AbortController().signal;
  const { embedding } = await openModels(context, profile, { command: 'recall', signal, soon: true });
  const file = await RecallFile.open(path, profile);
  return { file, path, embed: embedQuestions(embedding, file.meta.model, context.report) };
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

function millisecondsSince(began: number): number {
  return Math.round(performance.now() - began);
}
