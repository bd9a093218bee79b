import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { withFolder } from './biomem.ts';
import { withLab, type Lab } from './lab.ts';
import { validateAssociations } from './validation/associations.ts';
import { validateAttention } from './validation/attention.ts';
import { validateForgetting } from './validation/forgetting.ts';
import { validateNetwork } from './validation/network.ts';
import { validatePractice } from './validation/practice.ts';
import { drawFigure } from './validation/svg.ts';
import type { Figure, Found, Target } from './validation/target.ts';
import { validateTraces } from './validation/traces.ts';

const PAGE = new URL('../docs/validation.md', import.meta.url);
const [BEGIN, END] = ['<!-- validation: made by npm run validate -- --write -->', '<!-- end of validation -->'];
const PARTS: readonly ((lab: Lab) => Promise<Found>)[] = [
  ({ database }) => validateForgetting(database),
  ({ database }) => validatePractice(database),
  ({ database }) => validateAttention(database),
  validateAssociations,
  ({ database }) => validateTraces(database),
  validateNetwork,
];

/**
 * The pipeline's own macros and statements against published findings. The table goes to stderr, and docs/validation.md with its
 * pictures has to say the same: else it is named, and the exit code is 1; as it is where a target is missed and nobody knows why. With
 * `--write` the page is made.
 */
export async function run(): Promise<readonly Target[]> {
  const { targets, figures } = await validate();
  for (const { id, verdict, what, ours } of targets)
    process.stderr.write(`${id.padEnd(8)}${verdict.padEnd(14)}${what}: ${ours}\n`);
  const missed = targets.filter(({ isExpected }) => !isExpected).map(({ id }) => id);
  if (missed.length > 0) {
    process.stderr.write(`\n${missed.join(', ')}: missed, and no reason is known\n`);
    process.exitCode = 1;
  }
  const stale = await compare(await makeFiles(targets, figures), process.argv.includes('--write'));
  if (stale.length > 0) {
    process.stderr.write(`\n${stale.join(', ')}: not what was found. Where it is right: npm run validate -- --write\n`);
    process.exitCode = 1;
  }
  return targets;
}

/** All targets in the order of their numbers, and the figures. */
export async function validate(): Promise<Required<Found>> {
  const targets: Target[] = [];
  const figures: Figure[] = [];
  for (const part of PARTS) {
    const found = await withFolder((folder) => withLab({ folder, model: null }, part));
    targets.push(...found.targets);
    figures.push(...(found.figures ?? []));
  }
  const place = ({ id }: Target) => Number(/\d+/.exec(id)?.[0]);
  return { targets: targets.sort((a, b) => place(a) - place(b) || a.id.localeCompare(b.id)), figures };
}

/** What docs/validation.md and its pictures should be. */
export async function makeFiles(targets: readonly Target[], figures: readonly Figure[]): Promise<Map<URL, string>> {
  const page = fileURLToPath(PAGE);
  const [before, rest] = (await readFile(PAGE, 'utf8')).split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`${page}: expected ${BEGIN} and, after it, ${END}`);
  const cells = targets.map(({ id, what, source, published, ours, tolerance, verdict }) =>
    [id, what, source, published, ours, tolerance, verdict].map((cell) => cell.replaceAll('|', '\\|')),
  );
  const table = [
    ['', 'finding', 'source; ours by', 'published', 'ours', 'tolerance', ''],
    Array<string>(7).fill('---'),
    ...cells,
  ]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
  const pictures = figures.map(({ name, title }) => `![${title}](validation/${name}.svg)`).join('\n\n');
  const text = `${before}${BEGIN}\n\n${table}\n\n${pictures}\n\n${END}${after}`;
  const made = await format(text, { ...(await resolveConfig(page)), filepath: page });
  return new Map([
    [PAGE, made],
    ...figures.map((figure) => [new URL(`validation/${figure.name}.svg`, PAGE), drawFigure(figure)] as const),
  ]);
}

/** Names the files that are otherwise; with `write` makes them so. */
export async function compare(files: ReadonlyMap<URL, string>, write: boolean): Promise<string[]> {
  const stale: string[] = [];
  for (const [file, made] of files) {
    if ((await readFile(file, 'utf8').catch(() => '')) === made) continue;
    if (write) await writeFile(file, made);
    else stale.push(fileURLToPath(file));
  }
  return stale;
}
