import { isDeepStrictEqual } from 'node:util';
import type { Profile } from '../profiles/profile.ts';
import { redact } from '../profiles/redact.ts';
import { connect, type ConnectOptions, type Database, type DuckDBConnection } from './database.ts';
import { breaksInstance } from './exception.ts';

/** How long a file stays open after its last use where the profile says `keep_open: false`, in ms. */
const IDLE_MS = 1_000;

export interface ReconnectingRequest extends Pick<ConnectOptions, 'register' | 'allowedPaths'> {
  /** The profile as it is now, its addresses and secrets above all: they may change while a worker runs. */
  readonly profile: () => Profile;
  readonly report: (line: string) => void;
  readonly idleMs?: number;
}

/**
 * A database that a long-lived process borrows: opened for the first use, opened again when an address or a secret of its
 * profile has changed or DuckDB itself has broken, and with `keep_open: false` closed between cycles, so that dbt can have the
 * file then. Nothing of this happens while somebody uses it. A new instance, and not DETACH and ATTACH, because a hardened database cannot attach again;
 * it takes about 0.3 s. A database in memory would be lost that way: it keeps the addresses that it was opened with.
 */
export async function openReconnecting(request: ReconnectingRequest): Promise<ReconnectingDatabase> {
  const database = new Reconnecting(request);
  // At once, so that a second worker is refused before it takes a task.
  await database.use(() => Promise.resolve());
  return database;
}

export interface ReconnectingDatabase extends Database {
  /**
   * Lets a body have the file to itself: waits until nobody uses the database, closes it, and opens it again for the next use, which
   * waits for the body. The body must not use it itself. Not for one in memory, which would be lost.
   */
  whileClosed<T>(body: () => Promise<T>): Promise<T>;
}

class Reconnecting implements ReconnectingDatabase {
  readonly path: string;
  readonly #request: ReconnectingRequest;
  #profile: Profile;
  #opening: Promise<Database> | undefined;
  #current: Database | undefined;
  #users = 0;
  /** Resolves when whoever has the file to itself is done. */
  #away: Promise<void> | undefined;
  /** Those who wait until nobody uses it. */
  readonly #waiting: (() => void)[] = [];
  /** Whether the open database is of no use any more. */
  #broken = false;
  #idle: NodeJS.Timeout | undefined;
  /** What was last said of the profile, so that it is not said at each use. */
  #said = '';

  constructor(request: ReconnectingRequest) {
    this.#request = request;
    this.#profile = request.profile();
    this.path = this.#profile.path;
  }

  async use<T>(body: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    while (this.#away !== undefined) await this.#away;
    clearTimeout(this.#idle);
    if (this.#users === 0) this.#follow();
    this.#users += 1;
    try {
      const database = await (this.#opening ??= this.#open());
      return await database.use(body);
    } catch (error) {
      this.#broken ||= breaksInstance(error);
      throw error;
    } finally {
      this.#users -= 1;
      if (this.#users === 0 && this.#broken) this.#discard();
      this.#rest();
      if (this.#users === 0) for (const resume of this.#waiting.splice(0)) resume();
    }
  }

  async whileClosed<T>(body: () => Promise<T>): Promise<T> {
    // Uses may lie within each other: a new one is let in as long as an old one runs.
    while (this.#users > 0 || this.#away !== undefined)
      await (this.#away ?? new Promise<void>((resolve) => this.#waiting.push(resolve)));
    this.close();
    const work = body();
    this.#away = work.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await work;
    } finally {
      this.#away = undefined;
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#current?.close();
    this.#current = this.#opening = undefined;
  }

  async #open(): Promise<Database> {
    try {
      const { report, register, allowedPaths } = this.#request;
      return (this.#current = await connect(this.#profile, report, { register, allowedPaths }));
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  /** Once it has broken DuckDB answers every statement with the same error; what was committed is in the file. */
  #discard(): void {
    this.#broken = false;
    this.close();
    const lost = isInMemory(this.#profile) ? ', without what it held, because it was in memory' : '';
    this.#request.report(`DuckDB: the database broke; it is opened again${lost}`);
  }

  /** Takes over what the profile says of addresses and secrets now; all else holds until the process ends. */
  #follow(): void {
    const { attach, secrets } = this.#ask();
    const now = { ...this.#profile, attach, secrets };
    if (isDeepStrictEqual(now, this.#profile)) return;
    if (isInMemory(this.#profile)) {
      this.#say(
        'the addresses of the profile have changed; a database in memory keeps the old ones until it is started again',
      );
      return;
    }
    this.#say('');
    this.#profile = now;
    if (this.#current === undefined) return;
    this.close();
    this.#request.report('DuckDB: the addresses of the profile have changed; opening the database again');
  }

  /** A profile that is just being written must not stop a cycle. */
  #ask(): Pick<Profile, 'attach' | 'secrets'> {
    try {
      return this.#request.profile();
    } catch (error) {
      this.#say(`the profile cannot be read, its former addresses are used: ${redact(String(error))}`);
      return this.#profile;
    }
  }

  #say(line: string): void {
    if (line !== '' && line !== this.#said) this.#request.report(`DuckDB: ${line}`);
    this.#said = line;
  }

  #rest(): void {
    if (this.#users > 0 || this.#profile.keepOpen || isInMemory(this.#profile)) return;
    this.#idle = setTimeout(() => {
      this.close();
    }, this.#request.idleMs ?? IDLE_MS);
  }
}

function isInMemory({ path }: Profile): boolean {
  return path === ':memory:';
}
