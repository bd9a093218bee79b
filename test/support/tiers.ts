import { readdirSync } from 'node:fs';
import type { Reporter, Vitest } from 'vitest/node';

/** A part of the tests; which one a file belongs to stands in its name. */
export interface Tier {
  readonly name: string;
  readonly include: string;
  readonly what: string;
  readonly command: string;
}

const TESTS = 'test/**/*.test.ts';

/** What `npm test` leaves out. */
export const SLOW: readonly Tier[] = [
  {
    name: 'long',
    include: 'test/**/*.long.test.ts',
    what: 'kills, whole programs, many rounds',
    command: 'npm run test:long',
  },
  {
    name: 'real',
    include: 'test/**/*.real.test.ts',
    what: 'a real Ollama and a real dbt',
    command: 'npm run test:real',
  },
];

/** What a person waits for: every file that is in no other tier. */
export const QUICK: Tier = { name: 'quick', include: TESTS, what: 'everything else', command: 'npm test' };

/** Says at the end of a run which tiers it left out, and how to run them. */
export class LeftOut implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(): void {
    const ran = this.#vitest?.projects.map(({ name }) => name) ?? [];
    const missing = [QUICK, ...SLOW].filter(({ name }) => !ran.includes(name));
    const lines = missing.map((tier) => `  ${describeTier(tier)}`);
    if (lines.length > 0)
      this.#vitest?.logger.log(['', ' Left out:', ...lines, '  all of them: npm run test:all', ''].join('\n'));
  }
}

function describeTier({ name, what, command }: Tier): string {
  const files = countFiles(name);
  return `${name} (${files} file${files === 1 ? '' : 's'}: ${what}): ${command}`;
}

function countFiles(tier: string): number {
  const root = new URL('../', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  const named = (name: string) => files.filter((file) => file.endsWith(`.${name}.test.ts`)).length;
  return tier === QUICK.name ? files.length - SLOW.reduce((sum, { name }) => sum + named(name), 0) : named(tier);
}
