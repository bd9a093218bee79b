import { none } from 'stream-chain/defs.js';
import { drain } from 'stream-chain/utils/drain.js';
import { pipe } from 'stream-chain/utils/pipe.js';
import { Assembler } from 'stream-json/core/assembler.js';
import { jsonParser, type Token } from 'stream-json/core/parser.js';
import { jsonVerifier } from 'stream-json/core/utils/verifier.js';
import { ConfigurationError } from '../../memory/errors.ts';
import { readLines, readText } from '../file-text.ts';

/** Where the records of an export stand that is one object: `{"results": [...]}`. */
const CONTAINERS = new Set(
  'results data items memories episodes edges facts messages conversations nodes relations'.split(' '),
);
/** Documents one after the other are JSON Lines, whole pages of an export among them. */
const STREAM = { jsonStreaming: true, streamValues: false };

/**
 * The records of a JSON document or of JSON Lines, one by one, so that a file needs the memory of its largest record: what stands in
 * the outermost list, or in the lists of the outermost object that hold records, else that object itself.
 * @throws ConfigurationError with the line of what is no JSON; NotTextError
 */
export async function* readJsonRecords(file: string): AsyncGenerator {
  try {
    for await (const { record } of pipe(readText, jsonParser(STREAM), createCollector())<Found>(file))
      if (!isEmptyPage(record)) yield record;
  } catch (error) {
    if (isSyntaxError(error)) await locate(file);
    throw error;
  }
}

/** In an object of its own, because a record may be null. */
interface Found {
  readonly record: unknown;
}

/** Puts tokens together to records. */
function createCollector(): (token: Token) => Found | typeof none {
  let assembler = new Assembler();
  /** How many lists and objects are open around the token, and around a record: 1 in a list, 2 in a list of an object. */
  let [depth, base] = [0, 0];
  let key = '';
  /** Whether a list of the outermost object was just opened that may hold records, and whether one that does is open. */
  let [opened, within] = [false, false];
  return (token) => {
    const [opens, closes] = [token.name.startsWith('start'), token.name.startsWith('end')];
    if (closes) depth -= 1;
    const at = depth;
    if (opens) depth += 1;
    if (at === 0 && (token.name === 'startArray' || (closes && base > 0))) {
      base = opens ? 1 : 0;
      return none;
    }
    if (at === 1 && token.name === 'keyValue') key = token.value;
    if (at === 1 && token.name === 'endArray') within = false;
    if (at === 2 && opened && token.name === 'startObject') {
      // What was put together of the object around the list is dropped.
      if (base === 0) assembler = new Assembler();
      [base, within] = [2, true];
    }
    opened = at === 1 && base !== 1 && token.name === 'startArray' && CONTAINERS.has(key);
    if (at < base || (base === 2 && !within)) return none;
    assembler.consume(token);
    return at > base || opens ? none : { record: assembler.current };
  };
}

/** The last page of an export may hold nothing. */
function isEmptyPage(record: unknown): boolean {
  if (typeof record !== 'object' || record === null || 'id' in record || 'uuid' in record) return false;
  return Object.entries(record).some(([key, list]) => CONTAINERS.has(key) && Array.isArray(list) && list.length === 0);
}

/** The parser says what it expected, and not where; a second reading tells. */
async function locate(file: string): Promise<void> {
  const line = await findBrokenLine(file);
  if (line !== null)
    throw new ConfigurationError(
      `${file}:${line}: expected JSON in this line, got something else. Nothing was loaded.`,
    );
  try {
    await drain(pipe(readText, jsonVerifier(STREAM))(file));
  } catch (error) {
    if (!isSyntaxError(error)) throw error;
    const [expected = ''] = /(?:expected|unexpected|escaped).*$/.exec(error.message) ?? [];
    const at = 'line' in error ? `:${String(error.line)}` : '';
    throw new ConfigurationError(`${file}${at}: no valid JSON: ${expected}. Nothing was loaded.`, { cause: error });
  }
}

/** In a file whose first line is JSON by itself, each one is; the number of the first that is none, else null. */
async function findBrokenLine(file: string): Promise<number | null> {
  let [number, whole] = [0, 0];
  for await (const line of readLines(file)) {
    number += 1;
    if (line.trim() === '') continue;
    if (!isJson(line)) return whole > 0 ? number : null;
    whole += 1;
  }
  return null;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** stream-json throws plain errors, told apart by their words. */
function isSyntaxError(error: unknown): error is Error {
  return error instanceof Error && /(?:Parser|Verifier) (?:cannot parse|has expected)/.test(error.message);
}
