import { describe, expect, test } from 'vitest';
import { findOllama } from '../../services/ollama.ts';
import { serve } from '../downloads/support.ts';
import { SILENT } from './support.ts';

async function find(url: string | undefined): Promise<{ found: unknown; lines: string[] }> {
  const lines: string[] = [];
  const named = () => (url === undefined ? null : { url, by: 'OLLAMA_URL' });
  return { found: await findOllama({ named, report: (line) => void lines.push(line) }), lines };
}

test('where nobody names one there is none, and nothing is said', async () => {
  expect(await find(undefined)).toEqual({ found: null, lines: [] });
});

test('a server that answers is found with its version', async () => {
  const url = await serve((request, response) =>
    request.url === '/api/version' ? response.end('{"version":"0.6.5"}') : response.writeHead(404).end(),
  );
  expect(await find(`${url}/`)).toEqual({ found: { url, version: '0.6.5' }, lines: [] });
});

describe('with a user and password in its address', () => {
  const guarded = (user: string, password: string) =>
    serve((request, response) => {
      const given = Buffer.from(String(request.headers.authorization).replace('Basic ', ''), 'base64').toString();
      const path = ['/api/version', '/ollama/api/version'].includes(request.url ?? '');
      if (given !== `${user}:${password}`) response.writeHead(401).end();
      else response.writeHead(path ? 200 : 404).end('{"version":"0.6.5","models":[{"name":"m:latest"}]}');
    });
  const within = (url: string, credentials: string) => url.replace('://', `://${credentials}@`);

  test.each([
    ['plain', 'ada', 's3cr3t', 'ada:s3cr3t'],
    ['percent-encoded', 'ada', 's@c/r%t', 'ada:s%40c%2Fr%25t'],
    ['without a user', '', 's3cr3t', ':s3cr3t'],
    ['a token for a user', 't0k3n', '', 't0k3n'],
  ])('one that wants them is found, and its address is shown without them (%s)', async (_, user, password, given) => {
    const url = await guarded(user, password);
    expect(await find(within(url, given))).toEqual({ found: { url, version: '0.6.5' }, lines: [] });
    const behindPath = await find(`${within(url, given)}/ollama//`);
    expect(behindPath).toEqual({ found: { url: `${url}/ollama`, version: '0.6.5' }, lines: [] });
  });

  test('one that refuses them is told as that, and not as silence', async () => {
    const url = await guarded('ada', 's3cr3t');
    const { found, lines } = await find(within(url, 'ada:wr0ng'));
    expect([found, lines]).toEqual([
      null,
      [expect.stringMatching(/HTTP 401: .*; the user and password of its address/)],
    ]);
    expect(lines[0]).not.toContain('wr0ng');
  });

  test.each([
    ['me:hunter2@localhost:1', 'must be an address such as http://'],
    ['me:hunt/er2@localhost', 'must be an address such as http://'],
    ['http://me:hunter2%@127.0.0.1:1', 'each % of its user name and password must be written as %25'],
    ['http://hunter2@127.0.0.1:1', ''],
  ])('what cannot be used is told without them (%s)', async (url, reason) => {
    const { found, lines } = await find(url);
    expect([found, lines]).toEqual([null, [expect.stringContaining(reason)]]);
    expect(lines[0]).not.toMatch(/hunt|er2/);
  });
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
        /^Ollama cannot be used \(OLLAMA_URL\): .*Until it can, rules read the text and it embeds no memory\.$/,
      ),
    ]);
    expect(lines[0]).not.toContain('s3cr3t');
  }
});
