import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { BIN } from './biomem.ts';

/** Servers that are started, one after the other. */
const STARTS = 9;

const INITIALIZE = {
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
};
const RECALL = {
  method: 'tools/call',
  params: { name: 'recall', arguments: { question: 'Which port does the staging shop listen on?' } },
};

/** Milliseconds from the start of an MCP server on stdio to its first answer, to that of the first recall, and to one after that. */
export async function run(): Promise<unknown> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { workspace: { type: 'string', default: '.biological-memory/dream' } },
  });
  const starts: Answered[] = [];
  for (let start = 0; start < STARTS; start += 1) starts.push(await serve(values.workspace));
  const summarize = (of: keyof Answered) => {
    const sorted = starts.map((each) => each[of]).sort((a, b) => a - b);
    return { least: Math.round(sorted[0] ?? 0), median: Math.round(sorted[(STARTS - 1) / 2] ?? 0) };
  };
  return {
    initialize: summarize('initialize'),
    firstRecall: summarize('firstRecall'),
    nextRecall: summarize('nextRecall'),
  };
}

interface Answered {
  readonly initialize: number;
  readonly firstRecall: number;
  /** From its question. */
  readonly nextRecall: number;
}

async function serve(workspace: string): Promise<Answered> {
  const began = performance.now();
  const server = spawn(process.execPath, [BIN, 'mcp', '--workspace', workspace], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
  const ask = async (id: number, message: object) => {
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...message })}\n`);
    const { value } = (await lines.next()) as { value?: string };
    if (value?.includes('"isError":true') ?? true) throw new Error(`biomem mcp: ${value ?? 'ended without an answer'}`);
    return performance.now() - began;
  };
  const initialize = await ask(1, INITIALIZE);
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' })}\n`);
  const firstRecall = await ask(2, RECALL);
  const nextRecall = (await ask(3, RECALL)) - firstRecall;
  server.stdin.end();
  await new Promise((resolve) => server.once('exit', resolve));
  return { initialize, firstRecall, nextRecall };
}
