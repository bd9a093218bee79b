import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type McpServer,
  type Transport,
} from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';

/** Longest wait for answers to what a client has asked before it closed stdin, in ms. */
const PATIENCE = 10_000;

/** What serving one client on stdin and stdout takes. */
interface StdioOptions {
  /** Called for each client, sometimes twice: once to look which protocol it speaks. */
  readonly createServer: () => McpServer;
  /** Called once, after the first answer: what is slow must not hold that up. */
  readonly onFirstAnswer: () => void;
  /** A line for a person, on stderr: stdout is the protocol's. */
  readonly report: (line: string) => void;
}

/** A client that is served. */
interface StdioConnection {
  /** Resolves when the client is gone: it has closed stdin, or does not read stdout any more. */
  readonly closed: Promise<void>;
  readonly close: () => Promise<void>;
}

/** Serves one client on stdin and stdout. */
export function serveOnStdio({ createServer, onFirstAnswer, report }: StdioOptions): StdioConnection {
  const transport = new PatientTransport(onFirstAnswer);
  const handle = serveStdio(createServer, { transport, onerror: (error) => report(`mcp: ${error.message}`) });
  return { closed: transport.ended, close: () => handle.close() };
}

/**
 * Stdin and stdout, of which the end of stdin counts only when what was asked before is answered: the SDK's own drops those answers,
 * and with them those to a script that writes its questions and closes the pipe.
 */
class PatientTransport implements Transport {
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: Transport['onmessage'];
  readonly #input = Readable.from(this.#read());
  readonly #wire = new StdioServerTransport(this.#input, process.stdout);
  readonly #unanswered = new Set<string | number>();
  #onAnswered: (() => void) | undefined;
  #onFirstAnswer: (() => void) | undefined;
  readonly ended: Promise<void>;
  #onEnd: (() => void) | undefined;

  constructor(onFirstAnswer: () => void) {
    this.#onFirstAnswer = onFirstAnswer;
    this.ended = new Promise((resolve) => (this.#onEnd = resolve));
  }

  async start(): Promise<void> {
    this.#wire.onmessage = (message) => {
      if (isJSONRPCRequest(message)) this.#unanswered.add(message.id);
      else if (isJSONRPCNotification(message)) this.#forgetCancelled(message);
      this.onmessage?.(message);
    };
    this.#wire.onerror = (error) => this.onerror?.(error);
    this.#wire.onclose = () => {
      // What is being read of it would keep the process.
      process.stdin.destroy();
      this.onclose?.();
      this.#onEnd?.();
    };
    await this.#wire.start();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    try {
      await this.#wire.send(message);
    } finally {
      if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) this.#settle(message.id);
    }
    this.#onFirstAnswer?.();
    this.#onFirstAnswer = undefined;
  }

  close(): Promise<void> {
    return this.#wire.close();
  }

  async *#read(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of process.stdin) yield chunk as Buffer;
    } catch {
      // Either end of the pipe is gone, which is its end too.
    }
    await setImmediate();
    if (this.#unanswered.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, PATIENCE);
      this.#onAnswered = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #forgetCancelled({ method, params }: { readonly method: string; readonly params?: unknown }): void {
    const { requestId } = (params ?? {}) as { readonly requestId?: string | number };
    if (method === 'notifications/cancelled') this.#settle(requestId);
  }

  #settle(id: string | number | undefined): void {
    if (id !== undefined) this.#unanswered.delete(id);
    if (this.#unanswered.size === 0) this.#onAnswered?.();
  }
}
