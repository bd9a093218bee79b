import type { DuckDBConnection } from '../duckdb/database.ts';
import { readSql } from '../duckdb/statement.ts';
import { distinctiveParts, Scanner } from '../memory/traces.ts';
import type { ForgetSearch } from '../memory/types.ts';
import { scanRows, streamTexts } from './forget.scan.ts';
import type { Text } from './forget.source.ts';

/** What is looked for: ids by their columns, and where they are long enough among the parts too. */
export interface Wanted {
  readonly ids: readonly string[];
  readonly scanner: Scanner;
  readonly counts: Pick<ForgetSearch, 'ids' | 'parts' | 'shared' | 'withoutText'>;
}

/** Nothing is known any more of what an earlier attempt erased. */
export const NOTHING_WANTED: Wanted = {
  ids: [],
  scanner: new Scanner([]),
  counts: { ids: 0, parts: 0, shared: 0, withoutText: 0 },
};

const KEPT = new URL('./forget.select-kept.sql', import.meta.url);
/** A shorter id is looked for in the columns that hold ids alone: other text may well hold it. */
const LONG_ID = 12;

/** What of these texts stands in no memory that is kept; to be asked before they are erased. */
export async function wantedOf(
  connection: DuckDBConnection,
  ids: readonly string[],
  texts: readonly Text[],
): Promise<Wanted> {
  const parts = new Map<string, Set<string>>();
  for (const { id, content, context, metadata } of texts)
    for (const part of [content, context, metadata].flatMap((text) => (text === null ? [] : distinctiveParts(text))))
      parts.set(part, (parts.get(part) ?? new Set()).add(id));
  const withText = new Set([...parts.values()].flatMap((owners) => [...owners]));
  const longIds = ids.filter((id) => id.length >= LONG_ID && !/["\\\p{Cc}]/u.test(id));
  const all = [...new Set([...parts.keys(), ...longIds])];
  const kept = await scanRows(streamTexts(connection, readSql(KEPT)), { scanner: new Scanner(all) });
  const own = all.filter((_, number) => !kept.parts.has(number));
  const ownParts = own.filter((part) => parts.has(part)).length;
  const counts = {
    ids: ids.length,
    parts: ownParts,
    shared: parts.size - ownParts,
    withoutText: ids.length - withText.size,
  };
  return { ids, scanner: new Scanner(own), counts };
}
