import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import type { ServicesStatus } from '../../services/status.ts';
import { biomemJson, spawnBiomem, type Outcome } from './biomem.ts';

/** A `biomem up` that serves. */
export interface Running {
  readonly child: ReturnType<typeof spawnBiomem>;
  readonly address: string;
  readonly client: Client;
  /** What it said on stderr until it was up, line by line. */
  readonly said: readonly string[];
  /** Presses Ctrl-C and gives what the command left, with the seconds that this took. */
  interrupt(): Promise<Outcome & { seconds: number }>;
}

/** Starts `biomem up` in a workspace and waits until it says that it is up. */
export async function startUp(workspace: string): Promise<Running> {
  const child = spawnBiomem(['up'], { workspace });
  const said = await untilLine(child, /^Ctrl-C ends it/);
  const { temporal } = await biomemJson<ServicesStatus>(['services', 'status'], { workspace });
  const address = temporal.address ?? '';
  const connection = await Connection.connect({ address });
  return {
    child,
    address,
    said,
    client: new Client({ connection, namespace: 'biological-memory-dev' }),
    interrupt: async () => {
      await connection.close();
      const started = performance.now();
      child.kill('SIGINT');
      const { exitCode, stdout, stderr } = await child;
      return { code: exitCode, stdout, stderr, seconds: (performance.now() - started) / 1000 };
    },
  };
}

/** Waits for a line on stderr and gives all until then; rejects with all of stderr when the command ends before. */
async function untilLine(child: ReturnType<typeof spawnBiomem>, line: RegExp): Promise<string[]> {
  const lines = createInterface({ input: child.stderr });
  const said: string[] = [];
  for await (const each of lines) {
    said.push(each);
    if (line.test(each)) return said;
  }
  if (child.exitCode === null) await once(child, 'exit');
  throw new Error(`ended with ${String(child.exitCode)} before saying ${line.source}:\n${said.join('\n')}`);
}
