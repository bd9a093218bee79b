import { defineConfig } from 'vitest/config';

// The forks inherit it. bin/biomem.cjs does the same for the program and says why.
process.env.UV_THREADPOOL_SIZE ??= '16';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/workspace.ts',
    // DuckDB and Temporal's core are native: a fork can be killed cleanly, a worker thread cannot.
    pool: 'forks',
    // The tests start real servers; two files at once on a small machine measure each other.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', 'json'],
    // .ci/run counts from this file.
    outputFile: { json: '.vitest-report.json' },
  },
});
