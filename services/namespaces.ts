import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';
import { reasonOf, ServiceError } from '../memory/errors.ts';
import { OUR_SEARCH_ATTRIBUTES } from '../workflows/search-attributes.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;

const TYPES = Object.fromEntries(
  OUR_SEARCH_ATTRIBUTES.map(({ name, type }) => [name, IndexedValueType[`INDEXED_VALUE_TYPE_${type}`]]),
);

/** Longest wait (ms) until a server shows what it was told; a cluster's caches are renewed every 10 s. */
const PATIENCE = 30_000;
/** gRPC's numbers of the answers that are expected. */
const [NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED] = [5, 6, 7, 12, 16];

/** Ours, with their types as the Temporal CLI calls them: `Keyword`, `Bool`. */
export function listSearchAttributes(): { readonly name: string; readonly type: string }[] {
  return OUR_SEARCH_ATTRIBUTES.map(({ name, type }) => ({ name, type: type.charAt(0) + type.slice(1).toLowerCase() }));
}

export interface NamespaceRequest {
  readonly connection: Connection;
  readonly namespace: string;
  /** Whose it is; told by the name's ending when not given. */
  readonly target?: string;
}

/** How long closed workflows are kept, in days: dev 7, test 1, prod 90; 7 for any other. */
function retentionDays({ namespace, target = namespace }: Omit<NamespaceRequest, 'connection'>): number {
  if (/(?:^|-)prod$/.test(target)) return 90;
  return /(?:^|-)test$/.test(target) ? 1 : 7;
}

/**
 * Makes the namespace and our search attributes on a server, where they are missing, and waits until both are visible.
 * A namespace that exists keeps its retention. Returns whether it was made.
 *
 * Throws a ServiceError when the server refuses (with what to ask its administrator for), or does not show them in time.
 */
export async function prepareNamespace(request: NamespaceRequest): Promise<boolean> {
  try {
    const made = await ensureNamespace(request);
    await ensureSearchAttributes(request);
    return made;
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw new ServiceError(explain(request, error), { cause: error });
  }
}

async function ensureNamespace(request: NamespaceRequest): Promise<boolean> {
  const { connection, namespace } = request;
  if (await hasNamespace(request)) return false;
  const workflowExecutionRetentionPeriod = msToTs(`${retentionDays(request)} days`);
  await tolerate(ALREADY_EXISTS, () =>
    connection.workflowService.registerNamespace({
      namespace,
      description: 'biological-memory',
      workflowExecutionRetentionPeriod,
    }),
  );
  await waitUntil(`the namespace ${namespace}`, () => hasNamespace(request));
  return true;
}

export async function hasNamespace({ connection, namespace }: NamespaceRequest): Promise<boolean> {
  const answer = await tolerate(NOT_FOUND, () => connection.workflowService.describeNamespace({ namespace }));
  return answer !== undefined;
}

/** Whether a call failed because the server has no such namespace. */
export function isMissingNamespace(error: unknown): boolean {
  if (error instanceof NamespaceNotFoundError) return true;
  if (isGrpcServiceError(error)) return [NOT_FOUND].includes(error.code) && /^namespace/i.test(error.details);
  return error instanceof Error && error.cause !== undefined && isMissingNamespace(error.cause);
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
export async function setRetention(request: NamespaceRequest): Promise<void> {
  const { connection, namespace } = request;
  const wanted = msToTs(`${retentionDays(request)} days`);
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

function explain(request: NamespaceRequest, error: unknown): string {
  const { namespace } = request;
  const refused = [PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED];
  const what = `Temporal's namespace ${namespace} could not be prepared: ${reasonOf(error)}.`;
  if (!isGrpcServiceError(error) || !refused.includes(error.code)) return what;
  const attributes = listSearchAttributes().map(({ name, type }) => `--name ${name} --type ${type}`);
  return [
    what,
    'Let someone who may do so run:',
    `  temporal operator namespace create --namespace ${namespace} --retention ${retentionDays(request)}d`,
    `  temporal operator search-attribute create --namespace ${namespace} ${attributes.join(' ')}`,
    'In Temporal Cloud both are made in its Web UI, or with tcld.',
  ].join('\n');
}
