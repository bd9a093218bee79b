import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../memory/errors.ts';

const VARIABLE = 'BIOMEM_MCP_TOKEN';
/** Characters that nobody guesses. */
const LEAST = 16;

/** What a client has to show, and where a person finds it. */
interface Token {
  readonly value: string;
  readonly from: string;
}

/**
 * The token of BIOMEM_MCP_TOKEN, else the one that the workspace keeps, made if need be, for its owner's eyes only.
 * @throws ConfigurationError for one that could be guessed
 */
export function provideToken(workspace: string, env: NodeJS.ProcessEnv): Token {
  const given = env[VARIABLE];
  if (given) return { value: requireLong(given, VARIABLE), from: VARIABLE };
  const file = join(workspace, 'mcp-token');
  mkdirSync(workspace, { recursive: true, mode: 0o700 });
  try {
    // Fails where it is there already, also when another process has just made it.
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    chmodSync(file, 0o600);
  }
  return { value: requireLong(readFileSync(file, 'utf8').trim(), file), from: file };
}

/** Whether a request's Authorization header shows the token; takes as long whatever it shows. */
export function isAuthorized(header: string | undefined, token: string): boolean {
  const [, shown = ''] = /^Bearer +(\S+)$/i.exec(header ?? '') ?? [];
  return timingSafeEqual(digest(shown), digest(token));
}

function requireLong(token: string, from: string): string {
  if (token.length >= LEAST && !/\s/.test(token)) return token;
  throw new ConfigurationError(
    `${from} holds none that is safe: expected ${LEAST} or more characters without spaces, as \`openssl rand -base64 32\` makes them`,
  );
}

const digest = (text: string) => createHash('sha256').update(text).digest();
