import { cp, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { findOnnx, type OnnxFound } from '../../downloads/onnx.ts';
import { messageOf } from '../../memory/errors.ts';

/** The real model and what runs it, from the cache or downloaded; else why they cannot be had. */
export async function findRealOnnx(): Promise<OnnxFound | { readonly reason: string }> {
  try {
    return await findOnnx('all-MiniLM-L6-v2', {
      env: process.env,
      report: (line) => void process.stderr.write(`${line}\n`),
    });
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** A copy of a model's folder for one test to spoil. */
export async function copyModel(folder: string): Promise<string> {
  const copy = await realpath(await mkdtemp(join(tmpdir(), 'biological-memory-test-')));
  onTestFinished(() => rm(copy, { recursive: true, force: true }));
  await cp(folder, copy, { recursive: true });
  return copy;
}
