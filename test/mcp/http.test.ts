import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { serveOverHttp } from '../../mcp/http.ts';
import { createServer } from '../../mcp/server.ts';
import type { Memory } from '../../program/memory.ts';
import { openMemory } from '../../program/open-memory.ts';
import { clear, makeWorkspace } from '../services/support.ts';
import { CODE, mcpCommand, publishMemories } from '../support/mcp.ts';

const PROFILES = fileURLToPath(new URL('../../', import.meta.url));
const TOKEN = 'a-token-that-nobody-guesses';

let workspace: string;
let memory: Memory;
let service: Awaited<ReturnType<typeof serveOverHttp>>;
beforeAll(async () => {
  workspace = await makeWorkspace();
  await publishMemories(workspace);
  memory = openMemory({ workspace, target: 'test', profilesDir: PROFILES, report: () => undefined });
  const report = () => undefined;
  service = await serveOverHttp({ createServer: () => createServer(memory, '1.0.0'), port: 0, token: TOKEN, report });
});
afterAll(async () => {
  await service.close();
  await memory.close();
  await clear(workspace);
});

async function connect(mode: 'auto' | 'legacy', token = TOKEN, url = service.url) {
  const requestInit = { headers: { Authorization: `Bearer ${token}` } };
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  onTestFinished(() => client.close());
  return client;
}

/** A request by hand: fetch lets nobody set Host. */
function post(headers: Record<string, string>, path = '/mcp'): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    const sent = request({ hostname, port, path, method: 'POST', headers }, (response) => {
      let body = '';
      response.on('data', (data: Buffer) => (body += data.toString()));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    sent.on('error', reject);
    sent.end('{"jsonrpc":"2.0","id":1,"method":"ping"}');
  });
}

const allowed = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };

test.each(['auto', 'legacy'] as const)('a client with the token (%s) recalls, and many may at once', async (mode) => {
  const clients = await Promise.all([connect(mode), connect(mode)]);
  const answers = await Promise.all(
    clients.map((client) => client.callTool({ name: 'recall', arguments: { question: 'code of the garden gate' } })),
  );
  for (const { structuredContent } of answers)
    expect((structuredContent as { results: object[] }).results[0]).toMatchObject({ id: 'gate-code-1', content: CODE });
  const [client] = clients;
  expect(await client.callTool({ name: 'recall', arguments: {} })).toMatchObject({ isError: true });
  expect((await client.readResource({ uri: 'memory://last-night' })).contents).toHaveLength(1);
});

describe('a request is refused', () => {
  test.each([
    ['without a token', { 'Content-Type': 'application/json' }, 401, 'expected the header Authorization: Bearer'],
    ['with another one', { ...allowed, Authorization: `Bearer ${TOKEN}x` }, 401, 'expected the header Authorization'],
    ['with the token as a password', { ...allowed, Authorization: `Basic ${TOKEN}` }, 401, 'expected the header'],
    ['that names another host, as after DNS rebinding', { ...allowed, Host: 'evil.example:80' }, 403, 'Invalid Host'],
    ["of another site's page", { ...allowed, Origin: 'https://evil.example' }, 403, 'Invalid Origin'],
  ] as const)('%s', async (_, headers, status, told) => {
    const answer = await post(headers);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(told)]);
    expect(answer.body).not.toContain(TOKEN);
  });

  test('for another path', async () => {
    expect(await post(allowed, '/')).toMatchObject({
      status: 404,
      body: expect.stringContaining('expected the path /mcp'),
    });
  });

  test('of a client of the SDK that shows a wrong token', async () => {
    await expect(connect('legacy', 'wrong')).rejects.toThrow('expected the header Authorization');
  });
});

test('a port that is taken is an error with what to do', async () => {
  const port = Number(new URL(service.url).port);
  const second = serveOverHttp({
    createServer: () => createServer(memory, '1'),
    port,
    token: TOKEN,
    report: () => undefined,
  });
  await expect(second).rejects.toThrow(
    `cannot listen on 127.0.0.1:${String(port)}: the port is taken. Name another one with --port.`,
  );
});

/** `biomem mcp --http` as a person starts it, once it says where it serves, or has ended. */
async function startHttp(env: NodeJS.ProcessEnv = {}) {
  const { command, args, env: own } = mcpCommand(workspace, '--http', '--port', '0');
  const server = spawn(command, args, { env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void server.kill('SIGKILL'));
  const ended = once(server, 'exit').then(([code]) => code as number);
  let stderr = '';
  let stdout = '';
  server.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  const serves = new Promise<void>((resolve) =>
    server.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
      if (stderr.includes('mcp: serves')) resolve();
    }),
  );
  await Promise.race([serves, ended]);
  const [, url = ''] = /serves (\S+);/.exec(stderr) ?? [];
  return { server, ended, url, stderr, stdout: () => stdout };
}

test('the command makes a token for its owner’s eyes, keeps it for the next time, shows it nowhere, and ends with SIGTERM', async () => {
  const file = join(workspace, 'mcp-token');
  const first = await startHttp();
  const token = (await readFile(file, 'utf8')).trim();
  expect([token.length, (await stat(file)).mode & 0o777]).toEqual([43, 0o600]);
  const client = await connect('auto', token, first.url);
  expect((await client.listTools()).tools.length).toBeGreaterThan(3);
  expect(first.stderr).toContain(`the token is in ${file}`);
  expect(first.stderr).not.toContain(token);
  first.server.kill('SIGTERM');
  expect([await first.ended, first.stdout()]).toEqual([0, '']);
  const second = await startHttp();
  await connect('auto', token, second.url);
});

test('a token from the environment comes first; one that could be guessed is refused', async () => {
  const { url } = await startHttp({ BIOMEM_MCP_TOKEN: TOKEN });
  await connect('legacy', TOKEN, url);
  const refused = await startHttp({ BIOMEM_MCP_TOKEN: 'secret' });
  expect([await refused.ended, refused.stderr]).toEqual([
    2,
    expect.stringContaining('BIOMEM_MCP_TOKEN holds none that is safe: expected 16 or more characters without spaces'),
  ]);
  expect(refused.stderr).not.toContain('secret');
  await writeFile(join(workspace, 'mcp-token'), '\n');
  expect(await (await startHttp()).ended).toBe(2);
});
