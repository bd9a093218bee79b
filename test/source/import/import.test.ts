import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../memory/errors.ts';
import { makeFolder } from '../../support/database.ts';
import { exportOf, importText, makeFile, readImport } from '../../support/import.ts';

const refusal = async (reading: Promise<unknown>): Promise<string> => {
  const error: unknown = await reading.then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigurationError);
  return (error as Error).message;
};

test('what is in the file tells what it is, not its name', async () => {
  const content = JSON.stringify([{ memory: 'a', id: '1' }]);
  for (const name of ['notes.md', 'rows.csv', 'journal.jsonl', 'conversations.json', 'x'])
    expect(await readImport(makeFile(content, name))).toMatchObject({ format: 'mem0' });
});

describe('the same export again', () => {
  test.each(['mem0.json', 'graphiti.json', 'claude.json', 'chatgpt.json', 'codex.csv', 'CLAUDE.md'])(
    '%s has the same ids, each once',
    async (name) => {
      const ids = async () => (await readImport(exportOf(name))).entries.map(({ id }) => id);
      expect(await ids()).toEqual(await ids());
      expect(new Set(await ids()).size).toBe((await ids()).length);
    },
  );

  test('with another text for one id has another memory, and with the same one twice has it once', async () => {
    const of = (...memories: string[]) => importText(JSON.stringify(memories.map((memory) => ({ id: '1', memory }))));
    const [before, after] = [await of('a', 'a'), await of('b')];
    expect(before).toMatchObject({ memories: 1, leftOut: { 'said before': 1 } });
    expect(after.entries[0]?.id).not.toBe(before.entries[0]?.id);
  });
});

test('--agent names whose memories they are, of a journal too', async () => {
  const agents = async (text: string) =>
    (await importText(text, 'ada')).entries.map(({ metadata }) => metadata['agent']);
  expect(await agents('[{"id": "1", "memory": "a", "user_id": "bob"}]')).toEqual(['ada']);
  expect(await agents('{"content": "a", "metadata": {"agent": "bob"}}\n{"content": "b"}')).toEqual(['ada', 'ada']);
});

describe('a journal', () => {
  test('is read as ever, with its ids', async () => {
    const { entries, format } = await importText('{"id": "x", "content": "a"}\n{"content": "b"}\n');
    expect([format, entries[0]?.id, entries.length]).toEqual(['journal', 'x', 2]);
  });

  test('with a field that is not known is refused as one', async () => {
    expect(await refusal(importText('{"content": "a", "contents": "b"}'))).toMatch(
      /:1: .*contents.*Nothing was loaded\.$/,
    );
  });
});

describe('text in another encoding or with other line ends', () => {
  const lines = '{"content": "one é"}\n{"content": "two"}\n';
  const bom = (bytes: readonly number[], text: Buffer) => Buffer.concat([Buffer.from(bytes), text]);
  test.each<[string, Buffer | string]>([
    ['a byte order mark', `\ufeff${lines}`],
    ['CRLF', lines.replaceAll('\n', '\r\n')],
    ['UTF-16, little end first', bom([0xff, 0xfe], Buffer.from(lines, 'utf16le'))],
    ['UTF-16, big end first', bom([0xfe, 0xff], Buffer.from(lines, 'utf16le').swap16())],
  ])('%s', async (_, text) => {
    const { entries } = await importText(text);
    expect(entries.map(({ content }) => content)).toEqual(['one é', 'two']);
  });

  test('exports too', async () => {
    const text = Buffer.from('[{"id": "1", "memory": "one é"}]', 'utf16le');
    expect((await importText(bom([0xff, 0xfe], text))).entries[0]?.content).toBe('one é');
    expect((await importText('\ufeff# A\r\n\r\n- one\r\n- two\r\n')).entries.map(({ content }) => content)).toEqual([
      'one',
      'two',
    ]);
    expect((await importText('\ufeffid,content\r\n1,"one\r\ntwo"\r\n')).entries[0]?.content).toBe('one\r\ntwo');
  });
});

test('an empty file, an empty list and a file of blanks hold nothing', async () => {
  for (const text of ['', ' \n\n', '[]', '\ufeff'])
    expect(await importText(text)).toMatchObject({ memories: 0, from: null });
});

test('characters that PostgreSQL cannot store are replaced, in the metadata too', async () => {
  const record = { id: '1', memory: 'a\0b\ud83d', metadata: { 'k\0': ['\ud83d'] } };
  const [entry] = (await importText(JSON.stringify([record]))).entries;
  expect(entry?.content).toBe('a\ufffdb\ufffd');
  expect(entry?.metadata).toMatchObject({ 'k\ufffd': ['\ufffd'] });
});

test('times are taken as systems write them; one that cannot be read counts as none', async () => {
  const times = [
    '2026-03-01 09:30:00+01',
    '2026-03-01T09:30:00.123456',
    1772964000,
    '1772964000000',
    'soon',
    '2026-13-01T00:00:00Z',
  ];
  const records = times.map((created_at, id) => ({ id, memory: String(id), created_at }));
  const { entries, warnings } = await importText(JSON.stringify(records));
  expect(entries.slice(0, 4).map(({ created_at }) => created_at)).toEqual([
    ...['2026-03-01T08:30:00.000Z', '2026-03-01T09:30:00.123Z', '2026-03-08T10:00:00.000Z', '2026-03-08T10:00:00.000Z'],
  ]);
  expect(warnings).toEqual([expect.stringContaining('2 memories have no time')]);
});

describe('refused is', () => {
  test.each<[string, string | Buffer, RegExp]>([
    [
      'what is nothing of that',
      '{"name": "x", "version": 1}\n',
      /: not recognised; it begins with: \{"name": "x".*\nTaken are:\n {2}- a journal/s,
    ],
    ['prose', 'Dear diary,\ntoday it rained.\n', /not recognised; it begins with: Dear diary, today/],
    ['a page of HTML', '<html>\n<style>\n- a\n</style>', /not recognised/],
    ['a list of texts', '["a", "b"]', /not recognised/],
    ['a program', 'import x from "y";\n/**\n * - a list\n */\n', /not recognised/],
    ['a zip file', Buffer.from('PK\x03\x04rest', 'latin1'), /expected the export itself, got an archive\. Unpack it/],
    [
      'a broken line',
      '{"id": 1, "memory": "a"}\n{"id": 2, "memory"\n{"id": 3, "memory": "c"}\n',
      /:2: expected JSON in this line/,
    ],
    [
      'a broken document',
      '[\n  {"id": 1, "memory": "a"},\n  {"id": 2 "memory": "b"}\n]',
      /:3: no valid JSON: expected ','/,
    ],
    [
      'a document that is cut off',
      '[\n  {"id": 1, "memory": "a"},\n  {"id": 2, "mem',
      /:3: no valid JSON: .*Nothing was loaded/,
    ],
    ['a broken row', 'id,content\n1,"a\n', /no valid CSV: .*Nothing was loaded/],
    [
      'one format after another',
      '{"id": 1, "memory": "a"}\n{"uuid": "x", "chat_messages": 7}\n',
      /record 2: got \{"uuid":"x","chat_messages":7\}\. The file was taken for memories of mem0/,
    ],
    [
      'a text that is a number',
      '[{"id": 1, "memory": "a"}, {"id": 2, "memory": 7}]',
      /record 2: memory: .*taken for memories of mem0/,
    ],
    [
      'what is not UTF-8',
      Buffer.from('[\n{"memory": "caf\xe9"}]', 'latin1'),
      /:2: expected UTF-8, got other bytes \(UTF-16/,
    ],
  ])('%s', async (_, text, message) => {
    expect(await refusal(importText(text))).toMatch(message);
  });

  test('a file that is not there, and a folder', async () => {
    expect(await refusal(readImport('/none/at/all.json'))).toMatch(/^\/none\/at\/all\.json: cannot be read \(ENOENT\)/);
    expect(await refusal(readImport(makeFolder()))).toMatch(/cannot be read \(EISDIR\)/);
  });
});
