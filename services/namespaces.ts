import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { reasonOf } from '../downloads/ways.ts';
import { ServiceError } from '../memory/errors.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

/** The search attributes that our workflows set, by Temporal's names of the types. */
export const SEARCH_ATTRIBUTES = {
  MemoryStage: 'Keyword',
  MemoryCycle: 'Keyword',
  MemoryDryRun: 'Bool',
} as const;

const TYPES: Readonly<Record<string, proto.temporal.api.enums.v1.IndexedValueType>> = {
  MemoryStage: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  MemoryCycle: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  MemoryDryRun: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
};

/** Longest wait (ms) until a server shows what it was told; a cluster's caches are renewed every 10 s. */
const PATIENCE = 30_000;
/** gRPC's numbers of the answers that are expected. */
const [NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED] = [5, 6, 7, 12, 16];

export interface NamespaceRequest {
  readonly connection: Connection;
  readonly namespace: string;
}

/** How long closed workflows are kept, in days: dev 7, test 1, prod 90, told by the name's ending; 7 for any other. */
function retentionDays(namespace: string): number {
  if (namespace.endsWith('-prod')) return 90;
  return namespace.endsWith('-test') ? 1 : 7;
}

/**
 * Makes the namespace and our search attributes on a server, where they are missing, and waits until both are visible.
 * A namespace that exists keeps its retention.
 *
 * Throws a ServiceError when the server refuses (with what to ask its administrator for), or does not show them in time.
 */
export async function prepareNamespace(request: NamespaceRequest): Promise<void> {
  try {
    await ensureNamespace(request);
    await ensureSearchAttributes(request);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError(explain(request.namespace, error), { cause: error });
  }
}

async function ensureNamespace({ connection, namespace }: NamespaceRequest): Promise<void> {
  if (await hasNamespace({ connection, namespace })) return;
  const workflowExecutionRetentionPeriod = msToTs(`${retentionDays(namespace)} days`);
  await tolerate(ALREADY_EXISTS, () =>
    connection.workflowService.registerNamespace({
      namespace,
      description: 'biological-memory',
      workflowExecutionRetentionPeriod,
    }),
  );
  await waitUntil(`the namespace ${namespace}`, () => hasNamespace({ connection, namespace }));
}

export async function hasNamespace({ connection, namespace }: NamespaceRequest): Promise<boolean> {
  const answer = await tolerate(NOT_FOUND, () => connection.workflowService.describeNamespace({ namespace }));
  return answer !== undefined;
}

async function ensureSearchAttributes(request: NamespaceRequest): Promise<void> {
  const { connection, namespace } = request;
  let added = false;
  await waitUntil(`the search attributes ${Object.keys(TYPES).join(', ')} of ${namespace}`, async () => {
    const missing = await missingSearchAttributes(request);
    if (missing.length === 0) return true;
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, TYPES[name] ?? 0]));
    const add = () => connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    // Right after its registration a namespace is not known to every part of the server: ask again until it is.
    added ||= await tolerate(ALREADY_EXISTS, () => tolerate(NOT_FOUND, add)).then((answer) => answer !== undefined);
    return false;
  });
}

async function missingSearchAttributes({ connection, namespace }: NamespaceRequest): Promise<string[]> {
  const answer = await tolerate(NOT_FOUND, () => connection.operatorService.listSearchAttributes({ namespace }));
  const there = answer?.customAttributes ?? {};
  for (const [name, type] of Object.entries(TYPES)) {
    if (there[name] === undefined || there[name] === type) continue;
    throw new ServiceError(
      `The search attribute ${name} of namespace ${namespace} has the type ${IndexedValueType[there[name]]}, ` +
        `expected ${IndexedValueType[type]}. Rename it, or use another namespace.`,
    );
  }
  return Object.keys(TYPES).filter((name) => there[name] === undefined);
}

/** Sets the retention of a namespace, unless it has it. Only for our own server. */
export async function setRetention({ connection, namespace }: NamespaceRequest): Promise<void> {
  const wanted = msToTs(`${retentionDays(namespace)} days`);
  const { config } = await connection.workflowService.describeNamespace({ namespace });
  if (String(config?.workflowExecutionRetentionTtl?.seconds) === String(wanted.seconds)) return;
  await connection.workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: wanted } });
}

async function tolerate<T>(code: number, call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isGrpcServiceError(error) && [code].includes(error.code)) return undefined;
    throw error;
  }
}

async function waitUntil(what: string, isThere: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await isThere())) {
    if (Date.now() > deadline) throw new ServiceError(`Temporal does not show ${what} within ${PATIENCE / 1000} s.`);
    await delay(100);
  }
}

function explain(namespace: string, error: unknown): string {
  const refused = [PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED];
  const what = `Temporal's namespace ${namespace} could not be prepared: ${reasonOf(error)}.`;
  if (!isGrpcServiceError(error) || !refused.includes(error.code)) return what;
  const attributes = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `--name ${name} --type ${type}`);
  return [
    what,
    'Let someone who may do so run:',
    `  temporal operator namespace create --namespace ${namespace} --retention ${retentionDays(namespace)}d`,
    `  temporal operator search-attribute create --namespace ${namespace} ${attributes.join(' ')}`,
  ].join('\n');
}
