import { ConfigurationError, messageOf } from '../memory/errors.ts';
import { parseTime } from '../memory/time.ts';
import type { Memories } from '../recall/memories.ts';
import type { Asked, Published } from '../recall/published.ts';
import type { RecallRequest } from '../recall/recall.ts';
import { AgentsTable } from './agents-table.ts';
import { createContext, type Context } from './context.ts';
import { guardMemory } from './guarded-memory.ts';
import { openPublished } from './published.ts';
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
  return guardMemory(new OpenMemory(context, agent));
}

class OpenMemory implements Memory {
  readonly #context: Context;
  readonly #agent: string | undefined;
  readonly #table: AgentsTable;
  #published: Promise<Published> | undefined;
  #log: Promise<RecallLog> | undefined;
  /** Agents of whom it was said that nothing is remembered. */
  readonly #unknown = new Set<string>();

  constructor(context: Context, agent: string | undefined) {
    this.#context = context;
    this.#agent = agent;
    this.#table = new AgentsTable(context);
  }

  async remember(memories: NewMemories, options: { readonly keep?: boolean } = {}) {
    const written = await this.#table.write(memories, this.#agent, options);
    (await this.#published)?.expire();
    return { written };
  }

  async recall(question: string, options: RecallOptions = {}): Promise<RecallReport> {
    const request = toRequest(question, { agent: this.#agent, ...options });
    return this.#answer(request, options, async ({ memories, embed }) => {
      const { recall } = await import('../recall/recall.ts');
      const found = await recall(memories, embed, request);
      return [found, found.results];
    });
  }

  async context(task: string, { tokens = 1_500, ...options }: ContextOptions = {}): Promise<ContextReport> {
    requireCount('tokens', tokens);
    const { agent, asOf, question } = toRequest(task, { agent: this.#agent, ...options });
    return this.#answer({ agent, asOf, question }, options, async ({ memories, embed }) => {
      const { gatherContext } = await import('../recall/context.ts');
      const found = await gatherContext(memories, embed, { task, agent, asOf, tokens });
      return [found, found.memories];
    });
  }

  /** Finds something, and records which memories that were. */
  async #answer<Found>(
    { question, agent, asOf }: Pick<RecallRequest, 'question' | 'agent' | 'asOf'>,
    { record = true }: Pick<RecallOptions, 'record'>,
    find: (asked: Asked) => Promise<readonly [Found, readonly { readonly id: string }[]]>,
  ) {
    const began = performance.now();
    const log = record ? this.#openLog() : undefined;
    // While the answer is looked for; what fails of it is told when it is recorded.
    log?.then(({ recorder }) => recorder.prepare()).catch(() => undefined);
    const published = await this.#open();
    return published.ask(agent ?? null, async (asked) => {
      await this.#nameAgents(asked.memories, agent);
      const [found, memories] = await find(asked);
      const memoryIds = memories.map(({ id }) => id);
      const id = await (await log)?.recorder.record({ agent: agent ?? null, question, askedAt: asOf, memoryIds });
      const { source } = asked;
      return { ...(id !== undefined && { recall_id: id }), ...found, took_ms: millisecondsSince(began), source };
    });
  }

  async feedback(recallId: string, { asOf, ...grades }: Feedback) {
    const time = asOf === undefined ? undefined : readTime('as of', asOf);
    return (await this.#openLog()).feedback(recallId, { ...grades, asOf: time });
  }

  async why(id: string, { asOf = new Date().toISOString() }: WhyOptions = {}) {
    const began = performance.now();
    const [published, { tellLife }] = await Promise.all([this.#open(), import('../recall/life.ts')]);
    const { source, ...life } = await tellLife(published, { id, asOf: readTime('as of', asOf) });
    return { ...life, took_ms: millisecondsSince(began), source };
  }

  async lookUp(ids: readonly string[]) {
    const [published, { lookUp }] = await Promise.all([this.#open(), import('../recall/forget.ts')]);
    return lookUp(published, ids);
  }

  async forget(ids: readonly string[]) {
    const { forgetMemories } = await import('./forgetting.ts');
    const { postgres } = await this.#table.provideOwn();
    const receipt = await forgetMemories(this.#context, postgres, ids);
    (await this.#published)?.expire();
    return receipt;
  }

  async restore(id: string) {
    const { restoreMemory } = await import('./forgetting.ts');
    const { postgres } = await this.#table.provideOwn();
    return restoreMemory(this.#context, postgres, id);
  }

  async workingMemory() {
    const [published, { readWorkingMemory }] = await Promise.all([this.#open(), import('../recall/working-memory.ts')]);
    return published.read((file) => readWorkingMemory(file, this.#agent ?? null));
  }

  async lastNight() {
    const [published, { readLastNight }] = await Promise.all([this.#open(), import('../recall/night.ts')]);
    return published.read(readLastNight);
  }

  async status() {
    const { readStatus } = await import('./status.ts');
    return readStatus(this.#context, () => this.#open());
  }

  async prepare() {
    const [published] = await Promise.all([this.#open(), import('../recall/recall.ts')]);
    const agent = this.#agent ?? null;
    await published.ask(agent, ({ memories, embed }) => Promise.all([memories.scope(agent), embed('memory')]));
  }

  async close() {
    await (await this.#log?.catch(() => undefined))?.close();
    await (await this.#published?.catch(() => undefined))?.close();
    await this.#table.close();
  }

  #openLog(): Promise<RecallLog> {
    return (this.#log ??= import('./recall-log.ts').then(({ RecallLog }) => new RecallLog(this.#context)));
  }

  #open(): Promise<Published> {
    this.#published ??= openPublished(this.#context);
    this.#published.catch(() => (this.#published = undefined));
    return this.#published;
  }

  async #nameAgents(memories: Memories, agent: string | undefined): Promise<void> {
    if (agent === undefined || this.#unknown.has(agent)) return;
    const names = (await memories.agents()).map((each) => each.agent);
    if (names.includes(agent)) return;
    this.#unknown.add(agent);
    this.#context.report(`recall: nothing of ${agent} is remembered; the agents are ${names.join(', ')}`);
  }
}

function toRequest(question: string, options: RecallOptions): RecallRequest {
  const { agent, asOf = new Date().toISOString(), since, until, tags, limit = 5 } = options;
  const time = (name: string, given: string | undefined) => (given === undefined ? undefined : readTime(name, given));
  const [from, to] = [time('since', since), time('until', until)];
  requireCount('limit', limit);
  return { question, agent, asOf: readTime('as of', asOf), since: from, until: to, tags, limit };
}

function requireCount(name: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new ConfigurationError(`${name}: expected a whole number from 1, got ${String(count)}`);
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
