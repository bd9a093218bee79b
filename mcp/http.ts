import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  localhostHostValidation,
  localhostOriginValidation,
  toNodeHandler,
  type NodeIncomingMessageLike,
} from '@modelcontextprotocol/node';
import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server';
import { ServiceError } from '../memory/errors.ts';
import { isAuthorized } from './token.ts';

const HOST = '127.0.0.1';
const PATH = '/mcp';

/** What serving clients over HTTP takes. */
interface HttpOptions {
  /** Called for each request. */
  readonly createServer: () => McpServer;
  /** 0: any that is free. */
  readonly port: number;
  readonly token: string;
  readonly report: (line: string) => void;
}

/** Clients are served until it is closed. */
interface HttpService {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves any number of clients over streamable HTTP on this machine. A request needs the token; and one that names another host, or
 * comes from another site's page, is refused before that is looked at.
 * @throws ServiceError when the port is taken
 */
export async function serveOverHttp({ createServer, port, token, report }: HttpOptions): Promise<HttpService> {
  const onerror = (error: Error) => report(`mcp: ${error.message}`);
  const handler = createMcpHandler(createServer, { onerror });
  const answer = toNodeHandler(handler, { onerror });
  const guards = [localhostHostValidation(), localhostOriginValidation(), requireToken(token), requirePath];
  const server = createHttpServer((request, response) => {
    if (guards.every((guard) => guard(request, response))) void answer(request as NodeIncomingMessageLike, response);
  });
  server.listen(port, HOST);
  await once(server, 'listening').catch((error: unknown) => {
    const reason = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'the port is taken' : String(error);
    throw new ServiceError(`mcp: cannot listen on ${HOST}:${port}: ${reason}. Name another one with --port.`);
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://${HOST}:${own}${PATH}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await handler.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function requireToken(token: string) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (isAuthorized(request.headers.authorization, token)) return true;
    refuse(response, 401, 'expected the header Authorization: Bearer with the token', { 'WWW-Authenticate': 'Bearer' });
    return false;
  };
}

function requirePath({ url }: IncomingMessage, response: ServerResponse): boolean {
  if (url?.split('?')[0] === PATH) return true;
  refuse(response, 404, `expected the path ${PATH}`);
  return false;
}

/** As the guards of the SDK answer: a JSON-RPC error that belongs to no request. */
function refuse(response: ServerResponse, status: number, message: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code: -32_000, message }, id: null }));
}
