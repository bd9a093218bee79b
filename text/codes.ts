/** A span that is written for machines: where it stands, what it is, and the key it is known by. */
export interface Code {
  readonly at: number;
  readonly label: string;
  readonly name: string;
  readonly type: 'code' | 'tag' | 'person';
}

// Each repetition is bounded, so that no text, however odd, makes a match slow.
const patterns: readonly (readonly [Code['type'], string])[] = [
  ['code', String.raw`\bhttps?:\/\/[^\s<>"'\])]{1,300}`],
  ['code', String.raw`\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}`],
  ['person', String.raw`(?<![\w@./])@[A-Za-z][\w-]{0,38}\b`],
  ['tag', String.raw`(?<![\w#&/])#[A-Za-z][\w-]{0,60}\b`],
  ['code', '`[^`\\n]{1,80}`'],
  [
    'code',
    String.raw`[€$£]\s?\d[\d.,]{0,12}\d?(?:\s?[kKmM]\b)?|\b\d[\d.,]{0,12}\s?(?:%|(?:EUR|USD|GBP|euros|dollars|percent|[KMGT]i?B|ms|kg|km|rps|kWh)\b)`,
  ],
  ['code', String.raw`\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b`],
  [
    'code',
    String.raw`\bv\d{1,5}(?:\.\d{1,5}){0,3}(?:-[\w.]{1,20})?\b|(?<![\d.])\d{1,5}(?:\.\d{1,5}){2,3}(?:-[\w.]{1,20})?\b(?!\.\d)`,
  ],
  ['code', String.raw`(?<![\w/])(?:\.{0,2}\/)?[\w-]{1,60}(?:[./][\w-]{1,60}){1,8}(?:\(\))?`],
  ['code', String.raw`\b[A-Za-z]\w{0,20}(?:-\w{1,20}){0,3}-\d{1,7}\b|\b[A-Z]{1,12}\d{2,7}\b|(?<![\w#&])#\d{1,7}\b`],
  ['code', String.raw`\b[A-Za-z]\w{0,40}_\w{1,40}\b|\b[a-z]{1,30}[A-Z]\w{1,40}\b|\b\w{2,40}\(\)`],
  ['code', String.raw`\b(?=[a-f]{0,39}\d)(?=\d{0,39}[a-f])[0-9a-f]{7,40}\b`],
];
const anyCode = new RegExp(patterns.map(([, source]) => `(${source})`).join('|'), 'g');

const isDate = (text: string) => /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}$/.test(text) && /\d{4}/.test(text);

/** `client/server` and `e.g` look like paths but are prose; a path has a dot between letters, a digit, or several slashes. */
function isProse(text: string): boolean {
  if (/^(?:e\.g|i\.e|a\.m|p\.m|U\.S|U\.K|etc)\.?$/i.test(text) || !/[A-Za-z]/.test(text)) return true;
  if (/^[A-Za-z-]+\.[A-Z][a-z]*$/.test(text)) return true; // a full stop without its space: "done.Then"
  return /^[A-Za-z-]+(?:\/[A-Za-z-]+)$/.test(text) && !text.startsWith('/');
}

const PATH = patterns.findIndex(([, source]) => source.includes('[./]'));

function toCode(match: RegExpExecArray): Code | null {
  const group = (match.slice(1) as (string | undefined)[]).findIndex((found) => found !== undefined);
  const type = patterns[group]?.[0] ?? 'code';
  const label = match[0].replace(/[.,;:!?]+$/, '');
  const isPath = group === PATH;
  if (isDate(label) || (isPath && isProse(label))) return null;
  const name = (type === 'code' ? label.replaceAll('`', '') : label.slice(1)).toLowerCase().trim();
  return name === '' ? null : { at: match.index, label, name, type };
}

/** Identifiers in the text, in order, not overlapping: URLs, e-mails, @users, #tags, versions, paths, ticket ids, amounts. */
export function findCodes(text: string): Code[] {
  return [...text.matchAll(anyCode)].map(toCode).filter((code) => code !== null);
}
