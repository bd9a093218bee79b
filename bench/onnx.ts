import { monitorEventLoopDelay } from 'node:perf_hooks';
import { findOnnx } from '../downloads/onnx.ts';
import { openOnnx } from '../llm/onnx.ts';
import { readSample } from './embed.ts';

const WINDOWS = 20;

/**
 * The model in the process on 1,000 texts of the sample and on texts of 256 tokens, with one thread as the worker runs it and with two:
 * milliseconds a text, and the delay of the event loop meanwhile.
 */
export async function run(): Promise<unknown> {
  const began = performance.now();
  const files = await findOnnx('all-MiniLM-L6-v2', { env: process.env, report: console.error });
  const found = Math.round(performance.now() - began);
  const texts = await readSample();
  // Two tokens a word, and the two marks.
  const windows = Array.from({ length: WINDOWS }, (_, index) => `${String(index)} ${'cache. '.repeat(126)}`);
  const measure = async (threads: number) => {
    const model = openOnnx(() => Promise.resolve(files), threads);
    const loading = performance.now();
    await model.identify('embed');
    const load = Math.round(performance.now() - loading);
    const embed = (some: readonly string[]) => time(() => model.embed(some, new AbortController().signal), some.length);
    await embed(texts.slice(0, 32));
    return { threads, load, short: await embed(texts), windows: await embed(windows) };
  };
  return { found, runs: [await measure(1), await measure(2), await measure(1), await measure(2)] };
}

async function time(body: () => Promise<unknown>, texts: number) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const began = performance.now();
  await body();
  const ms = (performance.now() - began) / texts;
  const round = (value: number) => Math.round(value * 100) / 100;
  return { msPerText: round(ms), delayP99: round(delay.percentile(99) / 1e6), delayMax: round(delay.max / 1e6) };
}
