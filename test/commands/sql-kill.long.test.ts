import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { freshWorkspace } from '../services/support.ts';
import { biomem, biomemJson, spawnBiomem } from '../support/biomem.ts';
import { reply, startFakeOllama } from '../support/fake-ollama.ts';

/** Calls at once, as the profile that is shipped has it. */
const PARALLEL = 4;
const PROMPTS = 60;
const sql = `create table answer as select i % ${String(PROMPTS)} as i, llm_generate('q' || i % ${String(PROMPTS)}) as a
  from range(${String(3 * PROMPTS)}) r(i)`;

/** A slow server that stops answering, without closing a connection, once it has given so many answers. */
async function startStalling() {
  let left = PROMPTS / 2;
  const answered: string[] = [];
  const ollama = await startFakeOllama(async ({ path, body }, response) => {
    if (path !== 'generate') return false;
    if (left === 0) return true;
    left -= 1;
    await setTimeout(50);
    const prompt = String(body['prompt']);
    answered.push(prompt);
    return reply(response, { response: `<${prompt}>`, done: true });
  });
  return { ollama, answered, resume: () => (left = Number.POSITIVE_INFINITY) };
}

test('a statement that was killed asks, when it runs again, only for what had not been written', async () => {
  const workspace = await freshWorkspace();
  const { ollama, answered, resume } = await startStalling();
  const asked = () => ollama.asked.filter(({ path }) => path === 'generate').map(({ body }) => String(body['prompt']));
  const env = { OLLAMA_URL: ollama.url, OLLAMA_MODEL: 'tiny-random' };

  const child = spawnBiomem(['sql', sql], { workspace, env });
  await vi.waitFor(() => expect(asked()).toHaveLength(PROMPTS / 2 + PARALLEL), { timeout: 60_000 });
  child.kill('SIGKILL');
  expect((await child).signal).toBe('SIGKILL');
  const paid = new Set(answered);
  const before = asked().length;

  resume();
  expect(await biomem(['sql', sql], { workspace, env })).toMatchObject({ code: 0 });
  const again = asked().slice(before);
  expect(new Set(again).size).toBe(again.length);
  // Those that nobody had answered, and at most what was on its way into the file: one batch, and the one after it.
  expect(again.filter((prompt) => !paid.has(prompt))).toHaveLength(PROMPTS / 2);
  expect(again.filter((prompt) => paid.has(prompt)).length).toBeLessThanOrEqual(2 * PARALLEL);

  const whole = `select count(*) as n, count(distinct a) as answers, bool_and(a = '<q' || i || '>') as own from answer`;
  expect(await biomemJson(['sql', whole], { workspace })).toMatchObject({
    rows: [{ n: String(3 * PROMPTS), answers: String(PROMPTS), own: true }],
  });
  const kept = `select count(*)::integer as n, count(distinct key)::integer as keys from llm_cache`;
  expect(await biomemJson(['sql', kept], { workspace })).toMatchObject({ rows: [{ n: PROMPTS, keys: PROMPTS }] });
});
