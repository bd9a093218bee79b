import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServiceError } from '../../memory/errors.ts';
import { prepareNamespace } from '../../services/namespaces.ts';
import { stopTemporal, startTemporal } from '../../services/temporal.ts';
import type { StateEntry } from '../../services/state.ts';
import { clear, makeWorkspace, plainEnv } from './support.ts';

// A server of its own stands for a foreign one: namespaces that nobody has prepared.
let workspace: string;
let entry: StateEntry;
let connection: Connection;

beforeAll(async () => {
  workspace = await makeWorkspace();
  entry = await startTemporal({ workspace, env: plainEnv, outlive: false, report: () => undefined });
  connection = await Connection.connect({ address: `127.0.0.1:${entry.ports['grpc']}` });
}, 120_000);

afterAll(async () => {
  await connection.close();
  await stopTemporal(entry);
  await clear(workspace);
}, 30_000);

const retention = async (namespace: string) => {
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
};

test('a missing namespace is registered with its retention and search attributes, and again changes nothing', async () => {
  await prepareNamespace({ connection, namespace: 'team-prod' });
  await prepareNamespace({ connection, namespace: 'team-prod' });
  expect(await retention('team-prod')).toBe(90);
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'team-prod' });
  expect(customAttributes).toMatchObject({ MemoryStage: 2, MemoryCycle: 2, MemoryDryRun: 5 });
}, 40_000);

test('a namespace that exists keeps its retention', async () => {
  const days = { seconds: proto.google.protobuf.Duration.fromObject({ seconds: 3 * 86_400 }).seconds };
  await connection.workflowService.registerNamespace({ namespace: 'old-prod', workflowExecutionRetentionPeriod: days });
  await prepareNamespace({ connection, namespace: 'old-prod' });
  expect(await retention('old-prod')).toBe(3);
}, 40_000);

test('a search attribute of another type is an error that says which', async () => {
  await connection.workflowService.registerNamespace({
    namespace: 'taken',
    workflowExecutionRetentionPeriod: {
      seconds: proto.google.protobuf.Duration.fromObject({ seconds: 86_400 }).seconds,
    },
  });
  const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  await connection.operatorService.addSearchAttributes({
    namespace: 'taken',
    searchAttributes: { MemoryDryRun: KEYWORD },
  });
  const attempt = prepareNamespace({ connection, namespace: 'taken' });
  await expect(attempt).rejects.toThrow(/MemoryDryRun of namespace taken has the type .*KEYWORD, expected .*BOOL/);
  await expect(attempt).rejects.toThrow(ServiceError);
}, 40_000);
