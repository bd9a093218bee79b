import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { stopServices } from '../../services/services.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder for the servers that the test files of one run share; see services.ts beside this file. */
    workspace: string;
  }
}

/**
 * Run by vitest once before all test files. It starts nothing: the first file that asks for servers does, the next ones
 * find them in the workspace, and a run that needs none does not wait for any. They are stopped after the last file.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const workspace = await realpath(await mkdtemp(join(tmpdir(), 'biological-memory-test-')));
  provide('workspace', workspace);
  return async () => {
    await stopServices({ workspace, report: () => undefined });
    await rm(workspace, { recursive: true, force: true });
  };
}
