import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openImport, type ImportSummary } from '../../source/import/import.ts';
import type { JournalEntry } from '../../source/journal.ts';
import { makeFolder } from './database.ts';

const NOW = '2026-03-20T12:00:00.000Z';
/** When files that are made here were last changed. */
export const CHANGED = '2026-03-15T09:00:00.000Z';

export interface Imported extends ImportSummary {
  readonly entries: readonly JournalEntry[];
}

/** A small export that stands beside the tests, made up. */
export const exportOf = (name: string) => fileURLToPath(new URL(`../source/import/exports/${name}`, import.meta.url));

export function makeFile(content: string | Buffer, name = 'export'): string {
  const file = join(makeFolder(), name);
  writeFileSync(file, content);
  utimesSync(file, new Date(CHANGED), new Date(CHANGED));
  return file;
}

export async function readImport(file: string, agent?: string): Promise<Imported> {
  const opened = await openImport(file, { agent, now: NOW });
  const entries: JournalEntry[] = [];
  for await (const entry of opened.read()) entries.push(entry);
  return { ...(await opened.survey()), entries };
}

/** The same of a text. */
export const importText = (content: string | Buffer, agent?: string) => readImport(makeFile(content), agent);
