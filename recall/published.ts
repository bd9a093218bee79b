import type { Profile } from '../profiles/profile.ts';
import { CurrentMemories } from './current.ts';
import { RecallFile } from './file.ts';
import { UnreadableFileError } from './file.open.ts';
import type { EmbedQuestion, Meaning } from './meaning.ts';
import type { Memories } from './memories.ts';
import type { NewerRow } from './newer.rows.ts';
import { NewerRows } from './newer.ts';
import type { SourceTable } from './newer.source.ts';
import { additionsOf, stampOf } from './paths.ts';

/** Where an answer comes from. */
export interface RecallSource {
  readonly file: string;
  /** The last cycle that the file knows of; null where there is none. */
  readonly cycle: string | null;
  /** How many memories came from PostgreSQL because the file does not have them, or not so; null: it could not be asked. */
  readonly newer: number | null;
}

/** What a question is asked of. */
export interface Asked {
  readonly memories: Memories;
  readonly embed: EmbedQuestion;
  readonly source: RecallSource;
}

export interface PublishedRequest {
  readonly path: string;
  readonly profile: Profile;
  readonly meaning: Meaning;
  /** Null where the agents' table is not in a PostgreSQL. */
  readonly table: SourceTable | null;
  /** Hears once of each thing that is amiss. */
  readonly report: (line: string) => void;
}

/** A file that is open, or why there is none. */
interface Held {
  readonly opened: RecallFile | UnreadableFileError;
  /** What was there when it was opened, or last refused. */
  stamp: string;
  users: number;
  isRetired: boolean;
}

/**
 * What a worker publishes, as a long-lived process reads it: at each question it looks whether another file is there, and follows it;
 * questions that are under way end on the one before. A file that cannot be read is refused and named, and the one before is kept; where
 * there is none, PostgreSQL answers. Rows that are newer than the file are asked as well.
 */
export class Published {
  readonly #request: PublishedRequest;
  readonly #newer: NewerRows | null;
  readonly #said = new Set<string>();
  #held: Held | undefined;
  #opening: Promise<Held> | undefined;

  constructor(request: PublishedRequest) {
    this.#request = request;
    this.#newer = request.table === null ? null : new NewerRows({ ...request, table: request.table });
  }

  /** Where the file lies, or will. */
  get path(): string {
    return this.#request.path;
  }

  /**
   * Lends what questions about an agent, or about all with null, are asked of.
   * @throws UnreadableFileError where there is neither a file nor a PostgreSQL
   */
  ask<T>(agent: string | null, body: (asked: Asked) => Promise<T>): Promise<T> {
    const { path, table, meaning } = this.#request;
    return this.#lend(async (opened) => {
      const file = opened instanceof RecallFile ? opened : null;
      // While PostgreSQL is asked; what fails of it is told when it is used.
      file?.scope(agent).catch(() => undefined);
      const newer = (await this.#newer?.read(file)) ?? null;
      const memories = newer === null || table === null ? file : new CurrentMemories(file, newer, table);
      if (memories === null) throw opened as UnreadableFileError;
      if (opened instanceof UnreadableFileError)
        this.#say(`${opened.message}. Until then the newest memories in PostgreSQL are asked, as rules read them.`);
      const source = { file: path, cycle: file?.meta.cycle_id ?? null, newer: newer?.memories.length ?? null };
      return body({ memories, embed: meaning.questionsFor(memories.model), source });
    });
  }

  /** Lends the file. @throws UnreadableFileError where there is none that can be read */
  read<T>(body: (file: RecallFile) => Promise<T>): Promise<T> {
    return this.#lend((opened) => {
      if (opened instanceof RecallFile) return body(opened);
      throw opened;
    });
  }

  /** The newest rows of the agents' table that the file does not have; none where PostgreSQL cannot be asked. */
  unread(): Promise<readonly NewerRow[]> {
    return this.#lend(async (opened) => {
      const newer = await this.#newer?.read(opened instanceof RecallFile ? opened : null);
      return [...(newer?.rows.values() ?? [])].filter((row) => !row.is_known);
    });
  }

  /** The next question finds what has been written until then. */
  expire(): void {
    this.#newer?.expire();
  }

  async close(): Promise<void> {
    await this.#newer?.close();
    await this.#opening?.catch(() => undefined);
    this.#retire();
  }

  async #lend<T>(body: (opened: Held['opened']) => Promise<T>): Promise<T> {
    const held = await this.#borrow();
    try {
      return await body(held.opened);
    } finally {
      held.users -= 1;
      closeUnused(held);
    }
  }

  async #borrow(): Promise<Held> {
    for (;;) {
      const held = this.#held?.stamp === this.#stamp() ? this.#held : await (this.#opening ??= this.#open());
      // It may have been retired while this question waited for it.
      if (held.isRetired) continue;
      held.users += 1;
      return held;
    }
  }

  async #open(): Promise<Held> {
    try {
      const stamp = this.#stamp();
      const opened = await this.#openFile();
      if (opened === this.#held?.opened) this.#held.stamp = stamp;
      else {
        this.#retire();
        this.#held = { opened, stamp, users: 0, isRetired: false };
      }
      return this.#held;
    } finally {
      this.#opening = undefined;
    }
  }

  async #openFile(): Promise<Held['opened']> {
    const { path, profile } = this.#request;
    const held = this.#held?.opened;
    const before = held instanceof RecallFile ? held : undefined;
    try {
      return await RecallFile.open(path, profile, { before });
    } catch (error) {
      if (!(error instanceof UnreadableFileError)) throw error;
      // Whoever takes a file away means it: what was forgotten must not be told any more.
      if (stampOf(path) === null) return error;
      const alone = before ?? (await RecallFile.open(path, profile, { alone: true }).catch(() => undefined));
      if (alone !== undefined) this.#say(`${error.message}. Until then the one before is used.`);
      return alone ?? error;
    }
  }

  #stamp(): string {
    const { path } = this.#request;
    return [path, additionsOf(path)].map((each) => stampOf(each) ?? '').join(', ');
  }

  #retire(): void {
    if (this.#held === undefined) return;
    this.#held.isRetired = true;
    closeUnused(this.#held);
    this.#held = undefined;
  }

  #say(line: string): void {
    if (!this.#said.has(line)) this.#request.report(`recall: ${line}`);
    this.#said.add(line);
  }
}

function closeUnused({ opened, users, isRetired }: Held): void {
  if (isRetired && users === 0 && opened instanceof RecallFile) opened.close();
}
