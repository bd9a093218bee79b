import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { variablesForCli } from '../../commands/access.ts';
import { chooseNamespace } from '../../services/configured.ts';
import { freshWorkspace, plainEnv } from '../services/support.ts';

/** The namespace of a target for which nobody names one. */
const own = (target: string) => () => Promise.resolve(chooseNamespace(plainEnv, target, undefined));

/** An environment whose PATH has a Temporal CLI, and one that names it by its variable. */
async function environments(): Promise<{ folder: string; onPath: NodeJS.ProcessEnv; named: NodeJS.ProcessEnv }> {
  const folder = await freshWorkspace();
  const file = join(folder, 'temporal');
  await writeFile(file, '#!/bin/sh\necho "temporal version 9.8.7"\n');
  await chmod(file, 0o755);
  const env = { ...plainEnv, TEMPORAL_CLI_PATH: undefined, PATH: `${folder}:/bin` };
  return { folder, onPath: env, named: { ...env, PATH: '/bin', TEMPORAL_CLI_PATH: file } };
}

test('on the usual port the Temporal CLI needs the namespace alone', async () => {
  const { onPath: env } = await environments();
  const variables = await variablesForCli({ env, namespace: own('dev') }, '127.0.0.1:7233');
  expect(variables).toEqual(['TEMPORAL_NAMESPACE="biological-memory-dev"']);
});

test('elsewhere it needs the address too, and its folder where it is not on PATH', async () => {
  const { folder, named: env } = await environments();
  expect(await variablesForCli({ env, namespace: own('prod') }, '127.0.0.1:7234')).toEqual([
    'TEMPORAL_ADDRESS="127.0.0.1:7234"',
    'TEMPORAL_NAMESPACE="biological-memory-prod"',
    `PATH="${folder}:$PATH"`,
  ]);
});
