import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DreamReport } from '../report/dream.ts';
import { plainEnv } from './services/support.ts';
import { findProcesses } from './support/biomem.ts';
import { findRealOnnx } from './support/onnx.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { name, version, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  version: string;
  devDependencies: Record<string, string>;
};
/** The programs that docs/program.md shows: of the memory, and of cycles. */
const [REMEMBERING = '', EXAMPLE = ''] = [
  ...readFileSync(join(ROOT, 'docs', 'program.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs),
].map(([, program = '']) => program);

/** npm sets variables for the scripts that it runs, and another npm would take them for its own configuration. */
const env = Object.fromEntries(
  Object.entries(plainEnv).filter(([key]) => !/^(?:npm_|DBT_|BIOLOGICAL_MEMORY_DIR|NODE_ENV|VITEST)/.test(key)),
);
const options = { env, extendEnv: false, stdin: 'ignore', timeout: 300_000 } as const;

let folder: string;
/** An otherwise empty folder in which the tarball is installed. */
let app: string;

const npx = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
  execa('npx', ['--no-install', 'biomem', ...args], { ...options, cwd: app, env: { ...env, ...more }, reject: false });

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'biological-memory-package-')));
  app = join(folder, 'app');
  await mkdir(app);
  await execa('npm', ['pack', '--silent', '--pack-destination', folder], { ...options, cwd: ROOT });
  // Without install scripts, as pnpm and careful people install: it must work there too.
  const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await execa('npm', [...install, `../${name}-${version}.tgz`], { ...options, cwd: app });
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Every file of a folder, with `/`. */
function filesOf(root: string): string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

describe('what is packed', () => {
  test('is what runs, its types and the pages with their pictures, without sources, tests, benches or source maps', () => {
    const files = filesOf(join(app, 'node_modules', name));
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'bin/biomem.cjs', 'dist/index.d.ts']));
    const odd = (file: string) => /(?<!\.d)\.ts$|\.map$|^dist\/(?:test|bench|scripts)\//.test(file);
    expect(files.filter(odd)).toEqual([]);
    expect(
      files.filter(
        (file) =>
          !/^(?:package\.json|README\.md|LICENSE|bin\/biomem\.cjs|dist\/.*|docs\/[\w-]+\.md|docs\/validation\/[\w-]+\.svg)$/.test(
            file,
          ),
      ),
    ).toEqual([]);
  });

  test('has every file that is read by its path', () => {
    const folders = ['activities', 'duckdb', 'source'];
    const sql = folders.flatMap((each) => filesOf(join(ROOT, each)).map((file) => `${each}/${file}`));
    const read = [...sql.filter((file) => /\.(?:sql|mjs)$/.test(file)), 'sample/journal.jsonl', 'profiles.yml'];
    expect(read.length).toBeGreaterThan(100);
    const packed = new Set(filesOf(join(app, 'node_modules', name, 'dist')));
    expect([...read, 'workflow-bundle.js'].filter((file) => !packed.has(file))).toEqual([]);
  });

  test('brings no package that is only for development', () => {
    const brought = Object.keys(devDependencies).filter((each) => existsSync(join(app, 'node_modules', each)));
    // Of Temporal's own dependencies.
    expect(brought.filter((each) => !each.startsWith('@types/'))).toEqual([]);
  });
});

describe('installed in an empty folder', () => {
  test('it says its version', async () => {
    expect(await npx(['--version'])).toMatchObject({ exitCode: 0, stdout: version, stderr: '' });
  });

  test('without a profiles.yml its own is used, which it says, and which a named folder does not stand for', async () => {
    const [empty, elsewhere] = [{ HOME: folder }, { HOME: folder, DBT_PROFILES_DIR: folder }];
    const own = join(app, 'node_modules', name, 'dist', 'profiles.yml');
    const shown = await npx(['profile', 'show', '--json'], empty);
    expect(shown.exitCode).toBe(0);
    expect(JSON.parse(shown.stdout)).toMatchObject({ ok: true, file: own });
    const status = await npx(['services', 'status'], empty);
    expect(status).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`biomem's own is used, ${own}`) });
    expect(await npx(['services', 'status'], elsewhere)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`profiles.yml not found in ${folder}`),
    });
    const project = join(app, 'dbt_project.yml');
    writeFileSync(project, 'profile: shop\n');
    expect(await npx(['services', 'status'], empty)).toMatchObject({ exitCode: 2 });
    await rm(project);
  });

  test('debug finds nothing missing', async () => {
    const { stdout } = await npx(['debug', '--json'], {});
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  test('it dreams, and what it dreamt is there to be asked', { timeout: 300_000 }, async () => {
    const dream = await npx(['dream', '--nights', '2', '--json']);
    expect(dream).toMatchObject({ exitCode: 0 });
    const { nights, totals, embedders } = JSON.parse(dream.stdout) as DreamReport;
    expect([nights.length, totals.memories]).toEqual([2, 419]);
    // By meaning too, with a model that came by itself, where one can be fetched.
    const found = await findRealOnnx();
    const embedded = [{ model: 'onnx-all-MiniLM-L6-v2@afdb6f1a0e45', memories: 419 }];
    expect(embedders).toEqual('reason' in found ? [] : embedded);
    const counted = await npx([
      'sql',
      'select count(*)::int as n from memory',
      '--workspace',
      '.biological-memory/dream',
      '--json',
    ]);
    expect(counted.stdout).toContain('419');
  });

  test('its MCP server is called as the package is, and recalls what was dreamt', async () => {
    const workspace = join(app, '.biological-memory', 'dream');
    const args = ['--no-install', name, 'mcp', '--workspace', workspace];
    const set = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const client = new Client({ name: 'test', version });
    await client.connect(new StdioClientTransport({ command: 'npx', args, cwd: app, env: Object.fromEntries(set) }));
    const question = 'Which port does the staging shop listen on?';
    const answer = await client.callTool({ name: 'recall', arguments: { question, as_of: '2026-04-01T00:00:00Z' } });
    expect(JSON.stringify(answer)).toContain('wren:8081');
    await client.close();
    await expect.poll(() => findProcesses(workspace), { timeout: 60_000 }).toEqual([]);
  });
});

describe('a program', () => {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

  test.each([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('is checked strictly against the types with module %s and resolution %s', async (module, resolution) => {
    const check = (text: string) => {
      writeFileSync(join(app, 'main.mts'), text);
      // Of Temporal's own types one names a package without types.
      const settings = ['--module', module, '--moduleResolution', resolution, '--target', 'es2023'];
      return execa(process.execPath, [tsc, '--noEmit', '--strict', '--skipLibCheck', ...settings, 'main.mts'], {
        ...options,
        cwd: app,
        reject: false,
      });
    };
    expect(await check(EXAMPLE)).toMatchObject({ stdout: '', exitCode: 0 });
    expect(await check(REMEMBERING)).toMatchObject({ stdout: '', exitCode: 0 });
    const wrong = await check(`${EXAMPLE}\nconst count: string = report.stages[0]?.counts['ingested'] ?? 0;\n`);
    expect(wrong.stdout).toContain("Type 'number' is not assignable to type 'string'");
  });

  test(
    'runs a cycle on what `biomem up` serves and remembers, by the examples of docs/program.md',
    { timeout: 300_000 },
    async () => {
      // Not by npx, which keeps a signal to itself.
      const up = execa(join(app, 'node_modules', '.bin', 'biomem'), ['up'], { ...options, cwd: app, reject: false });
      try {
        const said = new Promise<string>((resolve, reject) => {
          let text = '';
          up.stderr.on('data', (data: Buffer) => {
            text += data.toString();
            if (text.includes('Ctrl-C ends it.')) resolve(text);
          });
          void up.then(() => reject(new Error(`biomem up ended: ${text}`)));
        });
        const [, TEMPORAL_ADDRESS] = /^Temporal +([\d.:]+)/m.exec(await said) ?? [];
        expect(
          await npx(['remember', 'The reset script ran against hades, not vesta.', '--agent', 'scout']),
        ).toMatchObject({ exitCode: 0 });
        writeFileSync(join(app, 'main.mjs'), EXAMPLE);
        const ran = await execa('node', ['main.mjs'], { ...options, cwd: app, env: { ...env, TEMPORAL_ADDRESS } });
        expect(ran.stdout).toMatch(/^ingest \{ ingested: 1,/m);
        writeFileSync(join(app, 'main.mjs'), REMEMBERING);
        const remembered = await execa('node', ['main.mjs'], { ...options, cwd: app });
        expect(remembered.stdout).toMatch(/^\S+Z The reset script ran against hades, not vesta\. \[ 'words'.*\]$/m);
        expect(remembered.stdout).toMatch(/^still well retrievable, limit 0\.\d\d at need 0\.\d\d (?:1|0\.9\d*)$/m);
        expect(remembered.stdout).toMatch(/^\w{8} Odette has the keys of the shop\.$/m);
        expect(remembered.stdout).not.toContain('hadse');
      } finally {
        up.kill('SIGINT');
        await up;
      }
    },
  );
});
