import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DreamReport } from '../../report/dream.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { biomem } from '../support/biomem.ts';
import { reply, startFakeOllama, type FakeOllama } from '../support/fake-ollama.ts';
import { forEach } from '../support/scripted-answers.ts';
import { makeLines, writeJournal } from '../support/journal.ts';

/** A judgement that holds for any memory; the fake knows no better than to say 7 of an importance. */
const judgement = { kind: 'note', importance: 0.5, urgency: 0, arousal: 0, valence: 0, entities: [], gist: '' };

let workspace: string;
let ollama: FakeOllama;
let down = false;

beforeAll(async () => {
  workspace = await makeWorkspace();
  ollama = await startFakeOllama(
    ({ path, body, authorization }, response) => {
      if (authorization !== `Basic ${Buffer.from('ada:s3cr3t').toString('base64')}`)
        return reply(response, { error: 'who are you?' }, 401);
      if (path !== 'generate') return false;
      if (down) return reply(response, { error: 'llama runner process has terminated' }, 500);
      const reads = JSON.stringify(body['format']).includes('"importance"');
      return reads && reply(response, { response: forEach(JSON.stringify(body['format']), judgement), done: true });
    },
    { keep: true },
  );
});
afterAll(async () => {
  await ollama.close();
  await clear(workspace);
});

async function dream(nights: number): Promise<{ report: DreamReport; stderr: string }> {
  const journal = await writeJournal(workspace, 'journal.jsonl', makeLines(20, 2));
  const env = { OLLAMA_URL: ollama.url.replace('://', '://ada:s3cr3t@'), OLLAMA_MODEL: 'tiny-random' };
  const args = ['dream', '--journal', journal, '--nights', String(nights), '--json'];
  const { code, stdout, stderr } = await biomem(args, { workspace: `${workspace}/tour`, env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout + stderr).not.toContain('s3cr3t');
  return { report: JSON.parse(stdout) as DreamReport, stderr };
}

test('with OLLAMA_URL and OLLAMA_MODEL the model reads the memories, and the report says so', async () => {
  const { report, stderr } = await dream(1);
  expect(stderr).toContain('Ollama reads the text: tiny-random@111111111111');
  expect(stderr).toContain('Ollama embeds the memories: all-minilm@222222222222');
  expect(report.services.ollama).toMatchObject({ url: ollama.url });
  expect(report.readers).toContainEqual({ madeBy: 'ollama:tiny-random@111111111111#features.1', texts: 20 });
});

test('a model that fails costs no memory and no time-outs: three calls, then rules, and it is said once', async () => {
  down = true;
  const before = ollama.asked.filter(({ path }) => path === 'generate').length;
  const { report, stderr } = await dream(2);
  expect(report.totals.memories).toBe(20);
  // Memories and episodes.
  expect(report.readers).toEqual([{ madeBy: 'rules#2', texts: 20 + report.totals.episodes }]);
  expect(stderr.match(/llama runner process has terminated/g)).toHaveLength(1);
  const calls = ollama.asked.filter(({ path }) => path === 'generate').length - before;
  // Four at once may be under way when the third fails.
  expect(calls).toBeLessThanOrEqual(6);
});
