import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clear, makeWorkspace, plainEnv } from '../services/support.ts';
import { publishMemories } from '../support/mcp.ts';

let workspace: string;
beforeAll(async () => {
  workspace = await makeWorkspace();
  await publishMemories(workspace);
});
afterAll(() => clear(workspace));

const BIN = fileURLToPath(new URL('../../bin/biomem.cjs', import.meta.url));
const QUESTION = JSON.stringify({ question: 'the code of the garden gate', as_of: '2026-03-03T12:00:00Z' });

function start(file: string) {
  const args = [BIN, 'recall', '--file', file, '--target', 'test', '--no-record', '--workspace', workspace];
  return execa('node', args, { env: plainEnv, extendEnv: false, reject: false, buffer: false, timeout: 120_000 });
}

test('--file - answers a line of stdin before the next one comes', async () => {
  const asking = start('-');
  const answers = createInterface({ input: asking.stdout })[Symbol.asyncIterator]();
  for (const i of [1, 2]) {
    asking.stdin.write(`${QUESTION}\n`);
    const { value } = (await answers.next()) as { value: string };
    expect(JSON.parse(value)).toMatchObject({ i, results: [{ id: 'gate-code-1' }] });
  }
  asking.stdin.end();
  expect(await asking).toMatchObject({ exitCode: 0 });
});

test('a file that is a pipe is answered too: it cannot be read twice', async () => {
  // A shell's pipe: what Node gives a child as stdin is a socket, which cannot be opened by its name.
  const line = `printf '%s' "$QUESTION" | node "$BIN" recall --file /dev/stdin --target test --no-record --workspace "$WORKSPACE"`;
  const env = { ...plainEnv, QUESTION, BIN, WORKSPACE: workspace };
  const { stdout } = await execa('sh', ['-c', line], { env, extendEnv: false });
  expect(JSON.parse(stdout)).toMatchObject({ i: 1, results: [{ id: 'gate-code-1' }] });
});

test('who has read enough (`| head -1`) ends it without a complaint', async () => {
  const file = join(workspace, 'many.jsonl');
  writeFileSync(file, `${QUESTION}\n`.repeat(9_000));
  const asking = start(file);
  let complaints = '';
  asking.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  await once(asking.stdout, 'data');
  asking.stdout.destroy();
  const began = performance.now();
  await asking;
  // All of the answers would take half a minute.
  expect(performance.now() - began).toBeLessThan(10_000);
  expect([(await asking).exitCode, complaints.replaceAll(/^recall: .*\n/gm, '')]).toEqual([0, '']);
});
