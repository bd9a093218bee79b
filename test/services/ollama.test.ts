import { expect, test } from 'vitest';
import { findOllama } from '../../services/ollama.ts';
import { serve } from '../downloads/support.ts';
import { SILENT } from './support.ts';

async function find(url: string | undefined): Promise<{ found: unknown; lines: string[] }> {
  const lines: string[] = [];
  const env = url === undefined ? {} : { OLLAMA_URL: url };
  return { found: await findOllama({ env, report: (line) => void lines.push(line) }), lines };
}

test('without OLLAMA_URL there is none, and nothing is said', async () => {
  expect(await find(undefined)).toEqual({ found: null, lines: [] });
});

test('a server that answers is found with its version', async () => {
  const url = await serve((request, response) =>
    request.url === '/api/version' ? response.end('{"version":"0.6.5"}') : response.writeHead(404).end(),
  );
  expect(await find(`${url}/`)).toEqual({ found: { url, version: '0.6.5' }, lines: [] });
});

test('one that is silent, does not answer in time or is something else is reported, without password', async () => {
  const hanging = await serve(() => undefined);
  const other = await serve((_request, response) => response.end('<html>'));
  const cases = [`http://me:s3cr3t@${SILENT}`, hanging, other];
  const results = await Promise.all(cases.map(find));
  for (const { found, lines } of results) {
    expect(found).toBeNull();
    expect(lines).toEqual([
      expect.stringMatching(
        /^Ollama does not answer at .*\(OLLAMA_URL\): .*Until it does, rules read the text and memories are not embedded\.$/,
      ),
    ]);
    expect(lines[0]).not.toContain('s3cr3t');
  }
});
