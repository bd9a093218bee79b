import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { prepareNamespace } from '../../services/namespaces.ts';
import { startServices, type Services } from '../../services/services.ts';
import { plainEnv } from '../services/support.ts';

/** The real servers that all test files of a run share; the run's end stops them. */
export function shareServices(): Promise<Services> {
  const workspace = inject('workspace');
  return startServices({ workspace, env: plainEnv, target: 'dev', outlive: true, report: () => undefined });
}

/** A namespace of the shared Temporal server for one test file, so that no file meets another's runs. */
export interface TestNamespace {
  readonly address: string;
  readonly namespace: string;
  readonly connection: Connection;
  readonly client: Client;
}

export async function openNamespace(): Promise<TestNamespace> {
  const { address } = (await shareServices()).temporal;
  const namespace = `biological-memory-${randomUUID().slice(0, 8)}`;
  const connection = await Connection.connect({ address });
  await prepareNamespace({ connection, namespace });
  return { address, namespace, connection, client: new Client({ connection, namespace }) };
}
