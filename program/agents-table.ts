import { ConfigurationError } from '../memory/errors.ts';
import type { Services } from '../services/services.ts';
import type { Context } from './context.ts';
import type { NewMemories } from './new-memory.ts';

/** The agents' table, for who writes to it: its PostgreSQL is started where it does not run, and stopped at the end. */
export class AgentsTable {
  readonly #context: Context;
  /** How to stop what was started: a server that another process has stopped meanwhile is started once more. */
  readonly #stops: (() => Promise<void>)[] = [];
  readonly #writing = new Set<Promise<unknown>>();
  #provided: Promise<unknown> = Promise.resolve();

  constructor(context: Context) {
    this.#context = context;
  }

  /** As `writeMemories`; `usual` is whose memories they are where they do not say. */
  async write(memories: NewMemories, usual: string | undefined, options: { readonly keep?: boolean }): Promise<number> {
    const writing = this.#write(memories, usual, options);
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  /** PostgreSQL with the table in it; one after the other, so that nobody waits for this very process to start it. */
  provide(): Promise<Pick<Services, 'postgres'>> {
    const provided = this.#provided.catch(() => undefined).then(() => this.#provide());
    this.#provided = provided;
    return provided;
  }

  /** The same, for what changes the state: only the one that has fed it. */
  async provideOwn(): Promise<Pick<Services, 'postgres'>> {
    const { refuseEmbedded } = await import('./fed-from.ts');
    await refuseEmbedded(this.#context);
    return this.provide();
  }

  /** Lets what is being written end, and stops what was started. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#writing);
    for (const stop of this.#stops) await stop();
  }

  async #provide(): Promise<Pick<Services, 'postgres'>> {
    const [{ providePostgres }, { prepareSource }] = await Promise.all([
      import('../services/services.ts'),
      import('./source.ts'),
    ]);
    const services = await providePostgres(this.#context);
    this.#stops.push(services.stop);
    await prepareSource(this.#context, services.postgres);
    return services;
  }

  async #write(memories: NewMemories, usual: string | undefined, options: { readonly keep?: boolean }) {
    const [{ withPostgres }, { writeMemories }, { sourceAddress }, { toEntries }] = await Promise.all([
      import('./source.ts'),
      import('../source/memories.ts'),
      import('../source/address.ts'),
      import('./new-memory.ts'),
    ]);
    const profile = this.#context.profile(await this.provide());
    const address = sourceAddress(profile);
    if (address === null)
      throw new ConfigurationError(
        `${profile.file}: the source ${profile.pipeline.source.attachment} is no PostgreSQL, and remember writes to PostgreSQL only`,
      );
    return withPostgres(address, (client) => writeMemories(client, profile, toEntries(memories, usual), options));
  }
}
