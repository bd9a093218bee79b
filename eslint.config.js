import { builtinModules } from 'node:module';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const withoutTypes = ['**/*.js', '**/*.cjs', '**/*.mjs'];

export default defineConfig(
  globalIgnores(['dist/', '.biological-memory/', 'test/histories/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A forgotten await on an activity or a statement is work that nobody waits for and an error that nobody sees.
      // `const { agent: _, ...rest }` is how a field is left out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      // A switch names every case or says what happens to the rest; a missing `default` is then found when a case is added.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Separate `import type` lines: the import table tells types from values by them.
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // Library code takes `report`; only the edges below print.
      'no-console': 'error',

      // Loosened: a count in a sentence needs no String().
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Loosened: `() => server.stop()` is plainer than the same with braces.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Loosened: `while (true)` says what it is.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Off: the rule-based Llm and other members of an asynchronous port have nothing to await, yet must reject, not throw.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Workflow code runs in Temporal's sandbox and is replayed: a built-in would fail there, or differ from run to run.
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: builtinModules, patterns: ['node:*'] }],
    },
  },
  {
    // wink-nlp takes its own methods as keys, as in `.out(its.value)`, and binds nothing to them.
    files: ['text/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // Their typed arrays have an entry for each memory or row, and are indexed by these alone, in loops over all of them.
    files: [
      'duckdb/columns.ts',
      'recall/{block,bm25,dots,load,merge,pieces,postings,ranking,scope,vectors,when,windows}.ts',
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['cli.ts', 'commands/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that meets undefined where `!` promised a value fails, which is what it is for.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // vitest's matchers (expect.any, expect.objectContaining) and JSON.parse are typed any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: withoutTypes,
    extends: [tseslint.configs.recommended],
  },
  {
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  prettier,
);
