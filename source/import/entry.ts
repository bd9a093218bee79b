import { v5 as uuidv5 } from 'uuid';
import type { JournalEntry } from '../journal.ts';
import type { Draft } from './format.ts';

/** Changing it would make every export load once more. */
const ID_NAMESPACE = '0e6f0f57-5a1e-4c0e-9d0f-2f1b7a7b8f15';

/** What PostgreSQL cannot store, half of a surrogate pair among it, becomes the character for what is none. */
const UNSTORABLE = /\0/g;
const REPLACEMENT = '\ufffd';

/**
 * A draft as an entry of a journal. Its id follows from the kind of export, the id there and the text, so that an export that
 * is loaded again, longer maybe, writes only what is new.
 */
export function toEntry(
  draft: Draft,
  {
    format,
    agent,
    fallback,
  }: { readonly format: string; readonly agent?: string | undefined; readonly fallback: string },
): JournalEntry {
  const { sourceId, metadata } = draft;
  const content = mend(draft.content);
  const created = draft.createdAt ?? draft.updatedAt ?? fallback;
  const updated = draft.updatedAt ?? created;
  const owner = agent ?? draft.agent;
  // Where the export gives no ids, two agents may have written the same.
  const scope = draft.placed === true ? [owner ?? '', sourceId] : [sourceId];
  return {
    id: uuidv5(JSON.stringify([format, ...scope, content]), ID_NAMESPACE),
    content,
    created_at: created,
    updated_at: updated < created ? created : updated,
    tags: (draft.tags ?? []).map(mend),
    context: draft.context === null || draft.context === undefined || draft.context === '' ? null : mend(draft.context),
    metadata: {
      ...(mendAll(metadata ?? {}) as Record<string, unknown>),
      ...(owner === null || owner === undefined ? {} : { agent: mend(owner) }),
      imported_from: format,
      ...(draft.placed === true || sourceId === '' ? {} : { imported_id: mend(sourceId) }),
    },
  };
}

function mend(text: string): string {
  return text.replace(UNSTORABLE, REPLACEMENT).toWellFormed();
}

function mendAll(value: unknown): unknown {
  if (typeof value === 'string') return mend(value);
  if (Array.isArray(value)) return value.map(mendAll);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [mend(key), mendAll(each)]));
}
