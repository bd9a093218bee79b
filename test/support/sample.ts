import { readFile } from 'node:fs/promises';

/** The sample journal as rows of the agents' table. */
export async function readSample() {
  const text = await readFile(new URL('../../sample/journal.jsonl', import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>)
    .map(({ content = '', created_at: at = '', metadata, tags }, index) => ({
      ...{ id: `s${String(index)}`, at, content, tags: [tags ?? []].flat() },
      metadata: metadata === undefined ? null : JSON.stringify(metadata),
    }));
}
