import { z } from 'zod';
import type { Database } from '../duckdb/database.ts';
import type { Profile } from '../profiles/profile.ts';
import type { RecallFile } from './file.ts';
import type { Meaning } from './meaning.ts';
import { NewerReader, type Newer } from './newer.memories.ts';
import { chooseNewer, openNothing, type NewerRow } from './newer.rows.ts';
import type { Fetched, SourceTable } from './newer.source.ts';

/**
 * How long rows that were read are taken for those that are there, in ms from when they were asked for; where it takes long to read them
 * so many times as long, but no longer than what was written a second ago has to be found.
 */
const FRESH_MS = 500;
const FRESH_TIMES = 10;
const MOST_FRESH_MS = 1_000;
/** Rows that are read at most, the newest: to read the words of so many takes a tenth of a second. */
const MOST_ROWS = 2_000;
/** Rows from so long before the newest memory of a file are looked at too, for transactions that committed late; as ingestion does. */
const OVERLAP_MS = 10 * 60_000;
/** Texts that are embedded before the question is answered, and at once afterwards. */
const EMBEDDED_AT_ONCE = 16;

/** Memories of a file that are looked for in the table to see whether it is the file's; the many where of the few all were deleted. */
const FEW_COMPARED = 20;
const MANY_COMPARED = 20_000;

const idRows = z.array(z.object({ id: z.string() }));

/** What newer rows are read with. */
export interface NewerRequest {
  readonly table: SourceTable;
  readonly meaning: Meaning;
  readonly profile: Profile;
  readonly report: (line: string) => void;
}

/** The rows that a file does not have. */
interface State {
  readonly file: RecallFile | null;
  /** As they came, to see whether they are others. */
  readonly json: string;
  readonly rows: readonly NewerRow[];
  newer: Newer;
  /** How long they are fresh. */
  until: number;
}

/** What was written since a recall file was published, or without one the newest memories; PostgreSQL is asked twice a second at most. */
export class NewerRows {
  readonly #request: NewerRequest;
  readonly #reader: NewerReader;
  #state: State | undefined;
  #reading: { readonly file: RecallFile | null; readonly newer: Promise<Newer | null> } | undefined;
  #embedding: Promise<void> = Promise.resolve();
  #nothing: Promise<Database> | undefined;
  /** The base of which is known whether its memories are from this table. */
  #compared: { readonly base: string; readonly isSame: boolean } | undefined;
  #isClosed = false;

  constructor(request: NewerRequest) {
    this.#request = request;
    this.#reader = new NewerReader(request.meaning, request.profile.pipeline.timezone);
  }

  /** Null where PostgreSQL cannot be asked, or has another table. All who ask at once share one look. */
  read(file: RecallFile | null): Promise<Newer | null> {
    const state = this.#state;
    if (state?.file === file && performance.now() < state.until) return Promise.resolve(state.newer);
    if (this.#reading?.file === file) return this.#reading.newer;
    const newer = this.#refresh(file).finally(() => {
      if (this.#reading?.newer === newer) this.#reading = undefined;
    });
    this.#reading = { file, newer };
    return newer;
  }

  /** What is read next is what is there then. */
  expire(): void {
    if (this.#state !== undefined) this.#state.until = 0;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#embedding;
    (await this.#nothing)?.close();
    await this.#request.table.close();
  }

  async #refresh(file: RecallFile | null): Promise<Newer | null> {
    const began = performance.now();
    const newest = file?.meta.newest_at?.getTime();
    const after =
      newest === undefined ? null : new Date(newest - OVERLAP_MS).toISOString().replace(/[TZ]/g, ' ').trim();
    const fetched = await this.#request.table.newest(after, MOST_ROWS);
    if (fetched === null || !(await this.#isSameTable(file))) {
      this.#state = undefined;
      return null;
    }
    const took = performance.now() - began;
    const until = began + Math.min(MOST_FRESH_MS, Math.max(FRESH_MS, FRESH_TIMES * took));
    if (this.#state?.file === file && this.#state.json === fetched.rows) {
      this.#state.until = until;
      return this.#state.newer;
    }
    return this.#take(file, fetched, until);
  }

  async #take(file: RecallFile | null, fetched: Fetched, until: number): Promise<Newer> {
    const { profile, meaning } = this.#request;
    const database = file === null ? await (this.#nothing ??= openNothing(profile)) : file.database;
    const rows = await chooseNewer(database, fetched);
    const model = file === null ? await meaning.identify() : file.model;
    const newer = this.#reader.toMemories(rows, model);
    const state = { file, json: fetched.rows, rows, newer, until };
    this.#state = state;
    if (model !== null && (await this.#embedSome(state))) this.#embedRest(state);
    return state.newer;
  }

  async #embedSome(state: State): Promise<boolean> {
    const isMore = await this.#reader.embedSome(state.rows, EMBEDDED_AT_ONCE);
    if (this.#state === state) state.newer = this.#reader.toMemories(state.rows, state.newer.model);
    return isMore;
  }

  /** While questions go on. */
  #embedRest(state: State): void {
    this.#embedding = this.#embedding.then(async () => {
      while (!this.#isClosed && this.#state === state && (await this.#embedSome(state)));
    });
  }

  /** Rows of another table are neither newer, nor do they tell what is gone: with a variable unset it may be another server. */
  async #isSameTable(file: RecallFile | null): Promise<boolean> {
    if (file === null) return true;
    const { base_id: base } = file.meta;
    if (this.#compared?.base === base) return this.#compared.isSame;
    const few = await this.#holdsSome(file, FEW_COMPARED);
    const isSame = few === false ? await this.#holdsSome(file, MANY_COMPARED) : few;
    if (isSame === null) return false;
    const { schema, table } = this.#request.profile.pipeline.source;
    if (!isSame)
      this.#request.report(
        `recall: what was written since the last cycle is not looked for: none of the memories of the recall file is in ${schema}.${table} ` +
          'of the PostgreSQL that is named now. Is it another one?',
      );
    this.#compared = { base, isSame };
    return isSame;
  }

  /** Whether the table has one of so many of a file's memories; null where it cannot be asked. */
  async #holdsSome(file: RecallFile, most: number): Promise<boolean | null> {
    const sample = await file.query(new URL('./newer.sample.sql', import.meta.url), { most });
    const ids = idRows.parse(sample).map(({ id }) => id);
    if (ids.length === 0) return true;
    const held = await this.#request.table.held(ids);
    return held && held.size > 0;
  }
}
