import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LeftOut, QUICK, SLOW } from './test/support/tiers.ts';

// The forks inherit it. bin/biomem.cjs does the same for the program and says why.
process.env.UV_THREADPOOL_SIZE ??= '16';

const every = {
  // DuckDB and Temporal's core are native: a fork can be killed cleanly, a worker thread cannot.
  pool: 'forks',
  testTimeout: 60_000,
  hookTimeout: 120_000,
} as const;

const quick = {
  ...every,
  name: QUICK.name,
  include: [QUICK.include],
  exclude: ['**/node_modules/**', ...SLOW.map(({ include }) => include)],
  // Vitest would leave one core to itself. Beyond four, the servers that all files share are what they wait for.
  maxWorkers: Math.min(4, availableParallelism()),
};

const slow = SLOW.map(({ name, include }) => ({
  ...every,
  name,
  include: [include],
  // A model, or many processes of one file, take both cores of a small machine: two at once would measure each other.
  fileParallelism: false,
}));

export default defineConfig({
  test: {
    // Once for all projects, which therefore do not extend this.
    globalSetup: 'test/support/workspace.ts',
    projects: [quick, ...slow].map((test) => ({ test })),
    reporters: ['default', 'json', new LeftOut()],
    // .ci/run counts from this file.
    outputFile: { json: '.vitest-report.json' },
  },
});
