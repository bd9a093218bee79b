import { InvalidArgumentError, type Command } from 'commander';
import { ConfigurationError } from '../memory/errors.ts';
import { createContext, type Context, type SharedOptions } from '../program/context.ts';
import { interrupted } from '../program/interruption.ts';
import type { Memory } from '../program/memory.ts';
import { readVersion } from '../program/version.ts';
import { withSharedOptions } from './options.ts';

/** Beside those of the embedded services. */
const USUAL_PORT = 9233;

interface McpOptions extends SharedOptions {
  readonly agent?: string;
  readonly http?: boolean;
  readonly port?: number;
}

const HELP = `
Example:
  biomem mcp --http
A client starts it itself; Claude Code for one, once it was told:
  claude mcp add memory -- npx biological-memory mcp --agent claude`;

/** `biomem mcp`: the memory for MCP clients. */
export function addMcp(program: Command): void {
  withSharedOptions(program.command('mcp'))
    .description('serve the memory to an MCP client, on stdin and stdout; needs no worker')
    .option('--agent <name>', 'who remembers, and whose memories are recalled unless a call says otherwise')
    .option('--http', 'serve many clients over HTTP on 127.0.0.1 instead, until Ctrl-C')
    .option('--port <n>', `with --http: the port (default: ${USUAL_PORT})`, parsePort)
    .addHelpText('after', HELP)
    .action(serve);
}

async function serve({ agent, http = false, port, ...options }: McpOptions): Promise<void> {
  if (port !== undefined && !http) throw new ConfigurationError('--port: expected together with --http');
  const context = createContext(options);
  const { memoryOf } = await import('../program/open-memory.ts');
  const memory = memoryOf(context, agent);
  try {
    if (http) await serveMany(context, memory, port ?? USUAL_PORT);
    else await serveOne(context, memory);
  } finally {
    await memory.close();
  }
}

async function serveOne({ report }: Context, memory: Memory): Promise<void> {
  const [{ createServer }, { serveOnStdio }] = await Promise.all([
    import('../mcp/server.ts'),
    import('../mcp/stdio.ts'),
  ]);
  const version = readVersion();
  if (process.stdin.isTTY) report('mcp: speaks to an MCP client on stdin and stdout. Ctrl-C ends it.');
  const { closed, close } = serveOnStdio({
    createServer: () => createServer(memory, version),
    onFirstAnswer: () => prepare(memory),
    report,
  });
  await Promise.race([closed, interrupted()]);
  await close();
}

async function serveMany({ workspace, env, report }: Context, memory: Memory, port: number): Promise<void> {
  const [{ createServer }, { serveOverHttp }, { provideToken }] = await Promise.all([
    import('../mcp/server.ts'),
    import('../mcp/http.ts'),
    import('../mcp/token.ts'),
  ]);
  const version = readVersion();
  const { value: token, from } = provideToken(workspace, env);
  const { url, close } = await serveOverHttp({
    createServer: () => createServer(memory, version),
    port,
    token,
    report,
  });
  prepare(memory);
  report(`mcp: serves ${url}; the token is in ${from}. Ctrl-C ends it.`);
  await interrupted();
  await close();
}

/** What it fails of is told at the first question. */
function prepare(memory: Memory): void {
  void memory.prepare().catch(() => undefined);
}

function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw new InvalidArgumentError('expected a port from 1 to 65535, or 0 for any');
}
