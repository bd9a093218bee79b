import type { Published } from '../recall/published.ts';
import { messageOf } from '../memory/errors.ts';
import { redact, redactAddress } from '../profiles/redact.ts';
import type { Context } from './context.ts';

/** What can be asked now, and what runs. */
export interface MemoryStatus {
  readonly target: string;
  readonly workspace: string;
  /** What questions are answered from; `problem` where it cannot be. */
  readonly recall:
    | {
        readonly file: string;
        /** The last cycle that changed something. */
        readonly cycle: string;
        /** Hash of the parameters with which it was lived, as `biomem profile show` gives it; null: it was not kept yet. */
        readonly parameters: string | null;
        readonly memories: number;
        readonly agents: readonly { readonly agent: string; readonly memories: number }[];
        /** Whose vectors it holds; null: memories are found by words alone. */
        readonly model: string | null;
      }
    | { readonly problem: string };
  /** Where memories are written: `stopped` is started when one is; `problem` says why a configured one does not answer. */
  readonly postgres: {
    readonly state: 'running' | 'silent' | 'stopped';
    /** Without password. */
    readonly address: string | null;
    readonly problem?: string;
  };
  /** The process that lives cycles and nights here; null where none runs. */
  readonly worker: { readonly pid: number } | null;
}

/** Looks, and starts nothing. `open` gives what is published. */
export async function readStatus(context: Context, open: () => Promise<Published>): Promise<MemoryStatus> {
  const { target, workspace } = context;
  const [recall, postgres, worker] = await Promise.all([
    describeRecall(open).catch((error: unknown) => ({ problem: redact(messageOf(error)) })),
    describePostgres(context),
    findWorker(context),
  ]);
  return { target, workspace, recall, postgres, worker };
}

async function describeRecall(open: () => Promise<Published>) {
  const published = await open();
  return published.read(async (file) => {
    const agents = await file.agents();
    const memories = agents.reduce((sum, each) => sum + each.memories, 0);
    const { cycle_id: cycle, parameters } = file.meta;
    return { file: published.path, cycle, parameters, memories, agents, model: file.model };
  });
}

async function describePostgres(context: Context): Promise<MemoryStatus['postgres']> {
  const [{ findPostgresUrl }, { withPostgres }] = await Promise.all([
    import('../services/postgres-url.ts'),
    import('./source.ts'),
  ]);
  const url = await findPostgresUrl(context);
  if (url === null) return { state: 'stopped', address: null };
  const address = redactAddress(url);
  try {
    await withPostgres(url, (client) => client.query('select 1'));
    return { state: 'running', address };
  } catch (error) {
    return { state: 'silent', address, problem: redact(messageOf(error), {}, [url]) };
  }
}

async function findWorker({ workspace, target, report }: Context): Promise<MemoryStatus['worker']> {
  const { isOurs, readState } = await import('../services/state.ts');
  const worker = (await readState(workspace, report)).workers?.[target];
  return worker !== undefined && (await isOurs(worker)) ? { pid: worker.pid } : null;
}
