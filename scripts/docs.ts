// Makes the parts of docs/ that say what the code says: `npm run docs` writes them, `npm run check:docs` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describeDreams } from './docs/dreams.ts';
import { describeParameters } from './docs/parameters.ts';
import { describePipeline } from './docs/pipeline.ts';

/** What stands between `<!-- <name>: made by npm run docs -->` and `<!-- end of <name> -->`, by page and name. */
const MADE: Readonly<Record<string, Readonly<Record<string, () => string>>>> = {
  'configuration.md': { pipeline: describePipeline, parameters: describeParameters },
  'querying-dreams.md': { dreams: describeDreams },
};

const isCheck = process.argv.includes('--check');
const stale: string[] = [];
for (const [page, parts] of Object.entries(MADE)) {
  const file = fileURLToPath(new URL(`../docs/${page}`, import.meta.url));
  const text = readFileSync(file, 'utf8');
  const made = await format(fill(page, text, parts), { ...(await resolveConfig(file)), filepath: file });
  if (made === text) continue;
  stale.push(page);
  if (!isCheck) writeFileSync(file, made);
}
if (isCheck && stale.length > 0) {
  process.stderr.write(`docs/${stale.join(', docs/')}: not what the code says. Run: npm run docs\n`);
  process.exitCode = 1;
}

function fill(page: string, text: string, parts: Readonly<Record<string, () => string>>): string {
  return Object.entries(parts).reduce((filled, [name, make]) => {
    const [begin, end] = [`<!-- ${name}: made by npm run docs -->`, `<!-- end of ${name} -->`];
    const [before, rest] = filled.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined)
      throw new Error(`docs/${page}: expected ${begin} and, after it, ${end}`);
    return `${before}${begin}\n\n${make()}\n\n${end}${after}`;
  }, text);
}
