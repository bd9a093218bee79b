import { chatgpt } from './chatgpt.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { hasField, type Format } from './format.ts';
import { mem0 } from './mem0.ts';
import { zep } from './zep.ts';

/** Told apart by their fields; the first that takes a record reads it. */
const FORMATS: readonly Format[] = [chatgpt, claude, mem0, codex, zep];

/** A row of a table may have no more columns than a journal has fields. */
export function formatOf(record: unknown): Format | null {
  return isPlain(record) ? codex : (FORMATS.find(({ takes }) => takes(record)) ?? null);
}

export function isPlain(record: unknown): boolean {
  return hasField(record, 'content') && !FORMATS.some(({ takes }) => takes(record));
}
