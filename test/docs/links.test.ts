import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const docs = readdirSync(join(ROOT, 'docs'))
  .filter((file) => file.endsWith('.md'))
  .map((file) => join('docs', file));
const PAGES = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...docs];

/** Without what stands in blocks and spans of code, where nothing is a link or a heading. */
function proseOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8').replaceAll(/^ *```.*?^ *```/gms, '');
}

/** The anchors of a page as GitHub makes them: lower case, no punctuation, `-` for a space, `-1` for a second one. */
function anchorsOf(page: string): string[] {
  const headings = [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return headings.map((anchor, index) => {
    const before = headings.slice(0, index).filter((each) => each === anchor).length;
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

const links = PAGES.flatMap((page) =>
  [
    ...proseOf(page)
      .replaceAll(/`[^`\n]*`/g, (span) => span.replaceAll(/[[\]]/g, ''))
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => [page, link] as const),
);

test.each(links)('%s: %s leads somewhere', (page, link) => {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : join(dirname(page), file);
  expect(existsSync(join(ROOT, target)), target).toBe(true);
  if (anchor !== undefined) expect(anchorsOf(target)).toContain(anchor);
});

test('every page of docs/ is in the list of the README', () => {
  const listed = links.filter(([page]) => page === 'README.md').map(([, link]) => link);
  expect(listed).toEqual(expect.arrayContaining(docs));
});
