import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { biomem } from '../support/biomem.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Blocks and spans of code, a line that goes on joined. */
const code = PAGES.flatMap((page) => {
  const text = readFileSync(join(ROOT, page), 'utf8').replaceAll('\\\n', ' ');
  const blocks = [...text.matchAll(/^ *```sh\n(.*?)^ *```/gms)].map(([, block = '']) => block);
  const spans = [...text.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...blocks, ...spans];
});
const GROUPS = ['cycle', 'extensions', 'profile', 'schedules', 'services'];

/** `cycle run` and the like, with the options that some page gives it; what stands in quotes is an argument. */
const COMMANDS = new Map<string, Set<string>>();
for (const [, name = '', rest = ''] of code.flatMap((text) => [
  ...text.matchAll(/\bbiomem ([a-z]+(?:-[a-z]+)*)([^|;&\n]*)/g),
])) {
  const words = rest
    .replaceAll(/"[^"]*"?/g, '')
    .trim()
    .split(/\s+/);
  const command = GROUPS.includes(name) && /^[a-z]+$/.test(words[0] ?? '') ? `${name} ${words[0] ?? ''}` : name;
  const options = words.flatMap((word) => /--[a-z-]+/.exec(word) ?? []);
  COMMANDS.set(command, new Set([...(COMMANDS.get(command) ?? []), ...options]));
}

test.each([...COMMANDS])('biomem %s has the options that the pages give it', async (command, options) => {
  const { code, stdout } = await biomem([...command.split(' '), '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: biomem ${command} `);
  for (const option of options) expect(stdout).toMatch(new RegExp(`${option}\\b`));
});

const named = code.flatMap((text) => [...text.matchAll(/\bnpm run ([a-z:]+)/g)].map(([, script = '']) => script));
test.each([...new Set(named)])('npm run %s is in package.json', (script) => {
  expect(scripts).toHaveProperty([script]);
});
