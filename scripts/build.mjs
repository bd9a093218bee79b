// Makes dist/: the sources as JavaScript, the files that they read in the same places, the types of what a program imports,
// and the workflows as one bundle, which a production worker loads in a fraction of the time that bundling at start takes.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const foldersWithoutSuch = new Set(['node_modules', 'dist', 'test', 'bench', 'scripts', 'sample']);

rmSync(dist, { recursive: true, force: true });
compile('tsconfig.build.json');
compile('tsconfig.types.json');
copyWhatIsRead();
await bundleWorkflows();

/** @param {string} project */
function compile(project) {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', project], { cwd: root, stdio: 'inherit' });
}

function copyWhatIsRead() {
  // package.json too: beside cli.js, as it is beside cli.ts, so that the version is read from the same relative place.
  for (const file of [...filesThatAreRead(), 'profiles.yml', 'package.json', join('sample', 'journal.jsonl')]) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    copyFileSync(join(root, file), join(dist, file));
  }
}

function filesThatAreRead() {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !foldersWithoutSuch.has(entry.name))
    .flatMap((folder) =>
      readdirSync(join(root, folder.name), { recursive: true }).map((file) => join(folder.name, file)),
    )
    .filter((file) => /\.(?:sql|wasm)$/.test(file));
}

async function bundleWorkflows() {
  const workflowsPath = join(root, 'workflows', 'index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  writeFileSync(join(dist, 'workflow-bundle.js'), withRelativeSources(code));
}

/** Its source map names the files of the machine that builds it; in a stack trace they are to be those of the package. */
function withRelativeSources(code) {
  const marker = 'sourceMappingURL=data:application/json;charset=utf-8;base64,';
  const at = code.lastIndexOf(marker);
  if (at === -1) throw new Error(`expected the workflow bundle to end in ${marker}…`);
  const map = JSON.parse(Buffer.from(code.slice(at + marker.length), 'base64').toString('utf8'));
  const sources = map.sources.map((source) => source.replace(root, ''));
  return code.slice(0, at + marker.length) + Buffer.from(JSON.stringify({ ...map, sources })).toString('base64');
}
