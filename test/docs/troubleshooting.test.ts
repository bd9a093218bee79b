import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readSources } from '../support/sources.ts';

const PAGE = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');

/** Every source of the program, with the parts of a sentence joined, and `…` for what is filled in. */
const sources = readSources().map(joinSentences).join('\n');

function joinSentences(source: string): string {
  return source
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…')
    .replaceAll(/['"`]\s*\+\s*['"`]/g, '')
    .replaceAll("\\'", "'");
}

const SECTIONS = [...PAGE.matchAll(/^### (.+)\n\n([^]*?)(?=^##|(?![^]))/gm)].map(
  ([, heading = '', body = '']) => [heading, body] as const,
);
const isOurs = ([, body]: (typeof SECTIONS)[number]) => !body.startsWith("These are DuckDB's own words.");

test.each(SECTIONS.filter(isOurs).map(([heading]) => heading))('%s is what the program says', (heading) => {
  const message = /^`(.+)`$/.exec(heading)?.[1] ?? expect.unreachable('a heading is a message, as code');
  const parts = message.split('…').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  // Within one sentence of the sources: the parts of two messages are none.
  expect(new RegExp(parts.join('.*')).test(sources)).toBe(true);
  // A short word stands anywhere.
  expect(message.replaceAll(/[…"]/g, '').trim().length).toBeGreaterThan(8);
});

test.each(SECTIONS)('%s says what to do', (_, body) => {
  expect(body).toContain('**What to do.**');
});
