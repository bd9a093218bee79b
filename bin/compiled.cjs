'use strict';

// A clone runs from its sources. Handing each module of each command to tsx takes longer than most commands do: `biomem
// --version` took 0.66 s with tsx and takes 0.27 s compiled (2 busy cores, Node alone 0.08 s). So the sources are compiled once for each state
// that they are in, with the small packages that every command needs, into node_modules/.cache, which `npm ci` empties.

const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { pathToFileURL } = require('node:url');

const notSources = new Set(['node_modules', 'dist', 'test', 'bench', 'scripts', 'sample']);
const bundled = /^(?:lossless-json|yaml|zod)(?:\/|$)/;

/** The compiled cli.ts, made if need be. Throws where nothing can be written. */
async function compiledEntry(root) {
  const folder = join(root, 'node_modules', '.cache', 'biological-memory', fingerprint(root));
  if (!existsSync(folder)) await compile(root, folder);
  return join(folder, 'cli.js');
}

/** Equal for equal sources: by time and size, as reading them all takes ten times as long. */
function fingerprint(root) {
  const hash = createHash('sha256').update(process.version);
  for (const file of [...sources(root), join(root, 'package-lock.json'), __filename]) {
    const { mtimeMs, size } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 };
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

function sources(folder, isRoot = true) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return isRoot && (notSources.has(entry.name) || entry.name.startsWith('.')) ? [] : sources(path, false);
    return /\.(?:ts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

/** Old states of the sources, except those that a process which began there may still be reading from. */
function prune(cache) {
  const age = (name) => Date.now() - (statSync(join(cache, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const byAge = readdirSync(cache).sort((a, b) => age(a) - age(b));
  for (const name of byAge.slice(10).filter((name) => age(name) > 24 * 60 * 60 * 1000))
    rmSync(join(cache, name), { recursive: true, force: true });
}

/** Into a folder of its own first: two commands may do this at once, and none may see half of it. */
async function compile(root, folder) {
  const esbuild = await import('esbuild');
  const temporary = `${folder}.${process.pid}`;
  mkdirSync(temporary, { recursive: true });
  try {
    await esbuild.build({
      entryPoints: [join(root, 'cli.ts')],
      outdir: temporary,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node}`,
      // Errors are told apart by the names of their classes.
      keepNames: true,
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'silent',
      plugins: [{ name: 'in-place', setup: inPlace }],
    });
    renameSync(temporary, folder);
    prune(dirname(folder));
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Another was faster.
    if (!existsSync(folder)) throw error;
  }
}

/** Files are still read from beside the source, and all other packages are where they were. */
function inPlace(build) {
  // yaml is CommonJS, and `require` is not to be had in an ES module.
  build.onResolve({ filter: /^(?:buffer|process)$/ }, ({ path }) => ({ path, namespace: 'builtin' }));
  build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({ contents: `export * from 'node:${path}'` }));
  build.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
    kind === 'entry-point' || bundled.test(path) ? undefined : { path, external: true },
  );
  build.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
    contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    loader: 'ts',
  }));
}

module.exports = compiledEntry;
