import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { connectWithLlm, type LlmDatabase } from '../llm-sql/database.ts';
import { runStatement } from '../llm-sql/statement.ts';
import { openOllama } from '../llm/ollama.ts';
import { loadProfile, type Profile } from '../profiles/profile.ts';
import { withFolder } from './biomem.ts';

const ROWS = 2_000;
const DISTINCT = 300;
const CALL_MS = 200;
const PARALLEL = 16;

const STATEMENT = `create or replace table answered as
  select i, llm_generate('Sum up note ' || i % ${String(DISTINCT)}) as answer from range(${String(ROWS)}) note(i)`;

interface Server {
  readonly url: string;
  /** Calls to a model so far. */
  readonly calls: () => number;
}

/**
 * 2,000 rows with 300 distinct prompts, on a database file, against a server that takes 200 ms for a call: in passes, 16 at once;
 * again from the cache; one blocking call after the other for each distinct prompt, all 300 of them; and, as the floor of what this
 * machine allows, the same number of bare `fetch` calls, 16 at once.
 */
export async function run(): Promise<unknown> {
  return withServer((server) =>
    withFolder(async (folder) => {
      const profile = makeProfile(folder, server.url);
      const model = openOllama(profile.pipeline.llm);
      const database = await connectWithLlm(profile, () => undefined, { model, embedding: model });
      try {
        const first = await answerAll(database, server);
        const second = await answerAll(database, server);
        const blocking = await time(async () => {
          for (let each = 0; each < DISTINCT; each += 1)
            await model.generate({ prompt: `Sum up note ${String(each)}`, options: {} }, new AbortController().signal);
        });
        const bare = await time(() => fetchAll(server.url));
        const seconds = { blockingSeconds: blocking / 1000, bareFetchSeconds: bare / 1000 };
        return { first, second, ...seconds, timesFaster: blocking / 1000 / first.seconds };
      } finally {
        database.close();
      }
    }),
  );
}

async function answerAll(database: LlmDatabase, { calls }: Server) {
  const before = calls();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const ms = await time(() => database.use((connection) => runStatement(connection, 'bench', STATEMENT)));
  delay.disable();
  return { seconds: ms / 1000, calls: calls() - before, eventLoopDelayP99Ms: delay.percentile(99) / 1e6 };
}

async function fetchAll(url: string): Promise<void> {
  const queue = Array.from({ length: DISTINCT }).values();
  const lane = async () => {
    while (queue.next().done !== true)
      await (await fetch(`${url}/api/generate`, { method: 'POST', body: '{}' })).json();
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

async function time(body: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await body();
  return performance.now() - started;
}

function makeProfile(folder: string, url: string): Profile {
  const llm = { url, generate: 'bench', parallel: PARALLEL };
  const output = { type: 'duckdb', path: join(folder, 'bench.duckdb'), extensions: ['json'], pipeline: { llm } };
  writeFileSync(join(folder, 'profiles.yml'), JSON.stringify({ bench: { target: 'dev', outputs: { dev: output } } }));
  return loadProfile({ profilesDir: folder, profile: 'bench', env: {}, cwd: folder });
}

/** Speaks as much of Ollama's protocol as the client needs. */
async function withServer<T>(body: (server: Server) => Promise<T>): Promise<T> {
  let calls = 0;
  const server = createServer((request, response) => {
    void text(request).then(async () => {
      const said = (document: unknown) => response.end(JSON.stringify(document));
      if (request.url === '/api/tags') said({ models: [{ name: 'bench:latest', digest: 'a'.repeat(64) }] });
      else if (request.url === '/api/show') said({ model_info: {} });
      else {
        calls += 1;
        await setTimeout(CALL_MS);
        said({ response: 'A note.', done: true, prompt_eval_count: 8, eval_count: 3 });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    return await body({ url: `http://127.0.0.1:${String(port)}`, calls: () => calls });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
