#!/usr/bin/env node
'use strict';

// DuckDB's asynchronous calls run on libuv's pool: with its four default threads, four statements at a time would also
// hold up every file and DNS call of the process. libuv reads the variable once, when the pool starts, so it is set
// here, in CommonJS, before anything asynchronous: an ES module's imports are read through that very pool.
process.env.UV_THREADPOOL_SIZE ??= '16';

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');

const root = join(__dirname, '..');
const source = join(root, 'cli.ts');
const built = join(root, 'dist', 'cli.js');

async function start() {
  if (existsSync(source)) {
    await import(pathToFileURL(await entryOfClone()).href);
  } else if (existsSync(built)) {
    await import(pathToFileURL(built).href);
  } else {
    process.stderr.write(`biomem: expected ${source} (a clone) or ${built} (a build), found neither: npm run build\n`);
    process.exitCode = 1;
  }
}

/** Compiled; where that cannot be kept, in a folder of somebody else's, through tsx. */
async function entryOfClone() {
  if (process.env.BIOLOGICAL_MEMORY_DEBUG) process.setSourceMapsEnabled(true);
  try {
    const compiledEntry = require('./compiled.cjs');
    return await compiledEntry(root);
  } catch {
    // Imported, not required: the CommonJS build of tsx/esm/api (4.23.15) looks for its hooks in the wrong folder on Node 20.
    const { register } = await import('tsx/esm/api');
    register();
    return source;
  }
}

void start();
