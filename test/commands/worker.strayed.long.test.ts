import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test } from 'vitest';
import { prepareNamespace } from '../../services/namespaces.ts';
import { startServices } from '../../services/services.ts';
import { WORKFLOW_QUEUE } from '../../workflows/names.ts';
import { clear, makeWorkspace, plainEnv, stateOf } from '../services/support.ts';
import { startUp } from '../support/running.ts';

const namespace = 'biological-memory-dev';

test('a worker whose server died does no work of the one that took its port', { timeout: 180_000 }, async () => {
  const [mine, other] = [await makeWorkspace(), await makeWorkspace()];
  const running = await startUp(mine);
  onTestFinished(async () => {
    running.child.kill('SIGKILL');
    await Promise.all([clear(mine), clear(other)]);
  });
  const { temporal } = await stateOf(mine);
  process.kill(temporal?.pid ?? 0, 'SIGKILL');
  // The other workspace's server had that port before, so it takes it again.
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, 'services.json'), JSON.stringify({ format: 1, ports: { temporal: temporal?.ports } }));
  const services = await startServices({
    workspace: other,
    env: plainEnv,
    target: 'dev',
    outlive: true,
    report: () => undefined,
  });
  expect(services.temporal.address).toBe(running.address);
  const connection = await Connection.connect({ address: services.temporal.address });
  onTestFinished(() => connection.close());
  await prepareNamespace({ connection, namespace });
  const { workflow } = new Client({ connection, namespace });
  const handle = await workflow.start('ingest', { taskQueue: WORKFLOW_QUEUE, workflowId: 'of-the-other' });
  const { exitCode, stderr } = await running.child;
  expect(exitCode).toBe(2);
  expect(stderr).toContain("another Temporal server answers now where this worker's was");
  expect((await handle.describe()).status.name).toBe('RUNNING');
});
