/** Texts, quoted names, comments (with others inside), words and single characters, as DuckDB tells them apart. */
const TOKEN =
  /e'(?:\\[^]|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|\$(\w*)\$[^]*?\$\1\$|--.*|\/\*(?:\/\*[^]*?\*\/|[^])*?\*\/|[\p{L}\p{N}_]+|[^]/giu;

const BEFORE = /^\s*(?:explain\s*(?:analyze|\([^)]*\banalyze\b[^)]*\))\s*)?$/i;

/** The query whose rows `COPY ... TO` writes into a file, also under `EXPLAIN ANALYZE`; null for any other statement. */
export function findCopiedQuery(text: string): string | null {
  const tokens = Array.from(text.matchAll(TOKEN), ([token]) => (/^(?:--|\/\*)/.test(token) ? ' ' : token));
  const start = tokens.findIndex((token) => token.toLowerCase() === 'copy');
  if (start < 0 || !BEFORE.test(tokens.slice(0, start).join(''))) return null;
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    if (index <= start) continue;
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    const word = depth === 0 ? token.toLowerCase() : '';
    if (word === 'from') return null;
    if (word === 'to') return toQuery(tokens.slice(start + 1, index));
  }
  return null;
}

/** `(select ...)` is one; a table or view may be followed by some of its columns. */
function toQuery(source: readonly string[]): string {
  const open = source.includes('(') ? source.indexOf('(') : source.length;
  const table = source.slice(0, open).join('').trim();
  const rest = source.slice(open).join('').trim();
  if (table === '') return rest;
  return `select ${rest === '' ? '*' : rest.slice(1, -1).trim()} from ${table}`;
}
