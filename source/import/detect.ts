import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { ConfigurationError } from '../../memory/errors.ts';
import { readText } from '../file-text.ts';
import { codex } from './codex.ts';
import { readColumns, readCsvRecords } from './csv-records.ts';
import type { Draft, Format, LeftOut } from './format.ts';
import { formatOf, isPlain } from './formats.ts';
import { readJsonRecords } from './json-records.ts';
import { readMarkdownFile, readParts } from './parts.ts';

/** Enough to see what a file is. */
const HEAD = 65_536;
const SHOWN = 80;

/** A heading or a bullet at the beginning of a line, or front matter at that of the file; comments of a program begin further in. */
const MARKDOWN = /^---[ \t]*[\r\n]|^(?:#{1,6}|[-*+]|\d{1,9}[.)])[ \t]+\S/m;
const JSON_START = /^(?:\{|\[\s*[{\]])/;

/** What a file holds: the parts of an export, or null for a journal, which is read as it is. */
export interface Detected {
  readonly name: string;
  /** What it is called to a person. */
  readonly title: string;
  readonly parts: (() => AsyncIterable<Draft | LeftOut>) | null;
}

const JOURNAL: Detected = { name: 'journal', title: 'a journal of biomem', parts: null };
const EMPTY: Detected = { name: 'empty', title: 'nothing', parts: () => Readable.from([]) };
/** For what is not recognised. */
const TAKEN = [
  'a journal of biomem: a line of JSON for each memory, {"content": "…", "created_at": "…"}',
  'rows of a memories table (Codex memory): JSON, JSON Lines, or CSV with a first line of names',
  'memories of mem0: what get_all gives',
  'episodes, facts and messages of Zep or Graphiti: JSON or JSON Lines',
  'conversations.json of an export from Claude or ChatGPT',
  'Markdown with headings or bullets: CLAUDE.md, MEMORY.md, AGENTS.md',
];

/**
 * Finds out by its content what a file holds.
 * @throws ConfigurationError with what is taken and how the file begins, where it is nothing of that
 */
export async function detect(file: string): Promise<Detected> {
  const start = (await readHead(file)).trimStart();
  const [line = ''] = start.split(/[\r\n]/, 1);
  if (start === '') return EMPTY;
  if (JSON_START.test(start)) return detectJson(file, start);
  if (line.includes(',') && readColumns(line).includes('content')) return exported(file, codex, readCsvRecords);
  // A page of HTML has bullets of a style sheet.
  if (MARKDOWN.test(start) && !/^<(?!!--)/.test(start))
    return { name: 'markdown', title: 'Markdown', parts: () => readMarkdownFile(file) };
  throw unrecognised(file, start);
}

async function detectJson(file: string, start: string): Promise<Detected> {
  for await (const record of readJsonRecords(file)) {
    // A line with a field that is not known may be a journal's, which then says so.
    if (isPlain(record) && start.startsWith('{')) return JOURNAL;
    const format = formatOf(record);
    if (format === null) throw unrecognised(file, start);
    return exported(file, format, readJsonRecords);
  }
  return EMPTY;
}

function exported(file: string, format: Format, read: (file: string) => AsyncIterable<unknown>): Detected {
  const { name, title } = format;
  return { name, title, parts: () => readParts(read(file), format, file) };
}

/** The first characters. @throws ConfigurationError for an archive, which has to be unpacked */
async function readHead(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.subarray(0, bytesRead).toString('latin1');
    if (magic.startsWith('PK\x03\x04') || magic.startsWith('\x1f\x8b'))
      throw new ConfigurationError(
        `${file}: expected the export itself, got an archive. Unpack it and give the file in it, conversations.json for example.`,
      );
  } finally {
    await handle.close();
  }
  let head = '';
  for await (const piece of readText(file)) {
    head += piece;
    if (head.trimStart().length >= HEAD) break;
  }
  return head;
}

function unrecognised(file: string, start: string): ConfigurationError {
  const shown = start
    .slice(0, SHOWN)
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ');
  const list = TAKEN.map((each) => `  - ${each}`).join('\n');
  return new ConfigurationError(`${file}: not recognised; it begins with: ${shown}\nTaken are:\n${list}`);
}
