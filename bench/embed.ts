import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { openOllama } from '../llm/ollama.ts';
import { EMBEDDING, openOllamaServer } from '../test/support/ollama.ts';

const TEXTS = 1_000;
const BATCH = 32;
const line = z.object({ content: z.string() });
const answer = z.object({ embeddings: z.array(z.array(z.number())) });

/**
 * Embeddings of 1,000 memories of the sample with the real MiniLM: through the model port, and by a bare loop of `fetch`
 * over the same batches, each twice and in turn (bare, port, port, bare), so that neither profits from the order.
 */
export async function run(): Promise<unknown> {
  const server = await openOllamaServer();
  if ('reason' in server) throw new Error(`no Ollama: ${server.reason}`);
  try {
    const texts = await readSample();
    const bare = () => embedBare(server.url, texts);
    const port = () => embedByPort(server.url, texts);
    await embedBare(server.url, texts.slice(0, BATCH)); // loads the model
    const [bare1, port1, port2, bare2] = [await time(bare), await time(port), await time(port), await time(bare)];
    const [seconds, bareSeconds] = [port1.seconds + port2.seconds, bare1.seconds + bare2.seconds];
    return {
      ...{ texts: texts.length, calls: port1.calls, callsAllowed: Math.ceil(texts.length / BATCH) },
      ...{ seconds: [port1.seconds, port2.seconds], bareSeconds: [bare1.seconds, bare2.seconds] },
      throughputOfBare: Math.round((bareSeconds / seconds) * 1000) / 1000,
      within20Percent: bareSeconds / seconds >= 0.8,
    };
  } finally {
    await server.stop();
  }
}

/** A thousand texts, all different: the sample's, and from its beginning again with a number in front. */
export async function readSample(): Promise<string[]> {
  const journal = await readFile(new URL('../sample/journal.jsonl', import.meta.url), 'utf8');
  const contents = [
    ...new Set(
      journal
        .trimEnd()
        .split('\n')
        .map((each) => line.parse(JSON.parse(each)).content),
    ),
  ];
  return Array.from({ length: TEXTS }, (_, index) => {
    const round = Math.floor(index / contents.length);
    const content = contents[index % contents.length] ?? '';
    return round === 0 ? content : `${String(round)}: ${content}`;
  });
}

async function embedBare(url: string, texts: readonly string[]): Promise<void> {
  for (let from = 0; from < texts.length; from += BATCH) {
    const body = JSON.stringify({ model: EMBEDDING, input: texts.slice(from, from + BATCH) });
    answer.parse(await (await fetch(`${url}/api/embed`, { method: 'POST', body })).json());
  }
}

async function embedByPort(url: string, texts: readonly string[]): Promise<void> {
  const names = { generate: null, extract: null, embed: EMBEDDING };
  const budget = { calls: 0, tokens: 0, seconds: 0 };
  const model = openOllama({ url, ...names, parallel: 4, timeout: 120, num_ctx: 4096, budget });
  await model.embed(texts, new AbortController().signal);
}

/** Seconds that `body` took, and the calls that it made. */
async function time(body: () => Promise<void>): Promise<{ seconds: number; calls: number }> {
  const plain = globalThis.fetch;
  let calls = 0;
  globalThis.fetch = (...request) => {
    calls += 1;
    return plain(...request);
  };
  const began = performance.now();
  try {
    await body();
  } finally {
    globalThis.fetch = plain;
  }
  return { seconds: Math.round(performance.now() - began) / 1000, calls };
}
