import { readVersion } from '../llm/server.ts';
import { messageOf } from '../memory/errors.ts';
import { parseServer } from '../memory/server-address.ts';
import type { NamedServer } from '../profiles/llm-origin.ts';

/** Longest wait for Ollama, in s. */
const PATIENCE = 2;

export interface OllamaServer {
  /** Without user and password. */
  readonly url: string;
  readonly version: string;
}

/** How Ollama is looked for; `named` is what the profile or the environment names. */
export interface OllamaSearch {
  /** @throws ConfigurationError */
  readonly named: () => NamedServer | null;
  readonly report: (line: string) => void;
}

/** The server that is named when it answers within 2 s, else null; one that is named and cannot be used is reported. */
export async function findOllama({ named, report }: OllamaSearch): Promise<OllamaServer | null> {
  let by = '';
  try {
    const found = named();
    if (found === null) return null;
    by = ` (${found.by})`;
    const server = parseServer(found.url);
    return { url: server.address, version: await readVersion(server, { timeout: PATIENCE }) };
  } catch (error) {
    const consequence = 'Until it can, rules read the text and it embeds no memory.';
    report(`Ollama cannot be used${by}: ${messageOf(error)}. ${consequence}`);
    return null;
  }
}
