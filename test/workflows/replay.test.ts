import { readdirSync, readFileSync } from 'node:fs';
import { DeterminismViolationError } from '@temporalio/workflow';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { WORKFLOWS } from '../support/stub-worker.ts';

const FOLDER = new URL('../histories/', import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

let workflowBundle: { code: string };

beforeAll(async () => {
  // The refused ones would fill the screen.
  const telemetryOptions = { logging: { filter: 'off', forward: {} } };
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), telemetryOptions });
  workflowBundle = await bundleWorkflowCode({ workflowsPath: WORKFLOWS, logger: new DefaultLogger('ERROR') });
});

function read(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** Under the id that it ran under: by their ids our workflows know whether they hold the mutex. */
function replay(json: string): Promise<void> {
  const history = JSON.parse(json) as { events: [{ workflowExecutionStartedEventAttributes: { workflowId: string } }] };
  const { workflowId } = history.events[0].workflowExecutionStartedEventAttributes;
  return Worker.runReplayHistory({ workflowBundle }, history, workflowId);
}

test('histories of a cycle, a stage and a dry run are recorded, as started and as the child under its fixed id', () => {
  expect(new Set(FILES.map((name) => name.split('.')[0]))).toEqual(
    new Set(
      ['memory-cycle', 'ingest', 'dry-run']
        .flatMap((name) => [name, `${name}-as-child`])
        .concat('working-memory-as-child'),
    ),
  );
});

test.each(FILES)('the workflows of today go the way of %s', async (name) => {
  await replay(read(name));
});

test('a run from before memories were embedded does not embed, a later one does', () => {
  const embeds = (version: string) => read(`working-memory-as-child.${version}.json`).includes('"embedMemories"');
  expect([embeds('0.1.0'), embeds('0.2.0')]).toEqual([false, true]);
});

test.each([
  ['another order of the stages', 'memory-cycle-as-child', 'memory-ingest', 'memory-working-memory'],
  ['another activity', 'working-memory-as-child.0.1.0', 'attendMemories', 'attendToMemories'],
  ['another activity behind a patch', 'working-memory-as-child.0.2.0', 'embedMemories', 'embedAll'],
  ['another id of the child', 'memory-cycle', '"memory-cycle"', '"the-memory-cycle"'],
])('a history with %s is refused', async (_, name, from, to) => {
  const file = FILES.find((each) => each.startsWith(`${name}.`)) ?? '';
  const history = read(file);
  expect(history).toContain(from);
  await expect(replay(history.replaceAll(from, to))).rejects.toThrow(DeterminismViolationError);
});
