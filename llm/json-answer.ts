import { behindThinking, ENDS_OF_THINKING, withoutThinking } from './thinking.ts';

/** The one JSON value of an answer, as it was written and as it was read; or why there is none. */
export type FoundJson = { readonly json: string; readonly value: unknown } | { readonly problem: string };

/**
 * The JSON of an answer, where a model may have put words or a code fence around it, or thought before. Taken only when it is
 * clear which value is meant: there is exactly one, and nothing that was opened is left open, as in an answer that was cut off.
 * An object or a list may stand among words; another value stands alone, or in a fence.
 */
export function readJson(text: string): FoundJson {
  const answer = withoutThinking(text).trim();
  const whole = parse(answer);
  if (whole !== undefined) return whole;
  const behind = behindThinking(answer);
  const { values, left } = [answer, behind].map(findValues).find((read) => !read.left) ?? { values: [], left: true };
  const found = values.length > 0 || left ? values : findFenced(behind);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  return others.length > 0
    ? { problem: `it has ${String(found.length)} JSON values where one was asked for` }
    : { problem: `it is not JSON (${String(text.length)} characters)` };
}

type Read = Extract<FoundJson, { value: unknown }>;

function parse(json: string): Read | undefined {
  try {
    return { json, value: JSON.parse(json) as unknown };
  } catch {
    return undefined;
  }
}

/** What opens and closes values and texts; what is escaped; and what ends a thinking. */
const SIGN = new RegExp(String.raw`\\[^]|${ENDS_OF_THINKING}|["{}[\]]`, 'g');

const isRead = (found: Read | undefined): found is Read => found !== undefined;

/**
 * Objects and lists that stand in a text, outermost only: what is inside of another value is no answer of its own, and what a
 * thinking ends after is none at all. `left`: something that was opened is never closed.
 */
function findValues(text: string): { readonly values: Read[]; readonly left: boolean } {
  let values: Read[] = [];
  let [depth, start, quoted] = [0, 0, false];
  for (const { 0: sign, index } of text.matchAll(SIGN)) {
    // Quotation marks of prose quote nothing that matters here.
    if (sign === '"') quoted = depth > 0 && !quoted;
    else if (quoted || sign.startsWith('\\')) continue;
    else if (sign.length > 1) values = depth > 0 ? values : [];
    else if (sign === '{' || sign === '[') {
      if (depth === 0) start = index;
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      if (depth === 0) values.push(...[parse(text.slice(start, index + 1))].filter(isRead));
    }
  }
  return { values, left: depth > 0 };
}

/** What stands in code fences and is JSON: here a text, a number, true, false or null. */
function findFenced(text: string): Read[] {
  const fences = [...text.matchAll(/(```|~~~)(?:json\w*)?\s*([^]*?)\s*\1/gi)];
  return fences.map(([, , json = '']) => parse(json)).filter(isRead);
}
