import { describe, expect, test } from 'vitest';
import { CHANGED, exportOf, importText, readImport } from '../../support/import.ts';

const beforeChange = (milliseconds: number) => new Date(Date.parse(CHANGED) - 3_600_000 + milliseconds).toISOString();

describe('memories of mem0', () => {
  test('keep text, times, categories, user and agent; relations and empty ones are left out', async () => {
    const { entries, format, leftOut, agents } = await readImport(exportOf('mem0.json'));
    expect(format).toBe('mem0');
    expect(leftOut).toEqual({ 'empty memory': 1, 'relation of the graph': 1 });
    expect(agents).toEqual([
      { agent: 'ottilie', memories: 1 },
      { agent: 'potter', memories: 1 },
    ]);
    expect(entries[0]).toEqual({
      id: expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-5/),
      content: 'Prefers the window seat on night trains',
      created_at: '2026-03-01T16:30:00.123Z',
      updated_at: '2026-03-02T10:00:00.000Z',
      tags: ['travel', 'preference'],
      context: null,
      metadata: {
        ...{ channel: 'mail', user_id: 'ottilie', run_id: 'r1', agent: 'ottilie' },
        ...{ imported_from: 'mem0', imported_id: '5f0c7a6e-1c1d-4d6f-9a51-0b2f7f0f1a01' },
      },
    });
  });

  test('may be a list alone, pages one after the other, or an empty page', async () => {
    const [a, b] = ['{"id": "1", "memory": "a"}', '{"id": "2", "memory": "b"}'];
    for (const text of [
      `[${a}, ${b}]`,
      `{"results": [${a}]}\n{"results": [${b}]}\n{"results": [], "count": 2}`,
      `${a}\n${b}`,
    ])
      expect(await importText(text)).toMatchObject({ format: 'mem0', memories: 2, leftOut: {} });
    expect(await importText('{"results": [], "count": 0}')).toMatchObject({ format: 'empty', memories: 0 });
  });
});

describe('Zep and Graphiti', () => {
  test('episodes are of the time that they tell of; entities are left out', async () => {
    const { entries, format, leftOut } = await readImport(exportOf('graphiti.json'));
    expect([format, leftOut]).toEqual(['zep', { entity: 1 }]);
    expect(entries.map(({ content, created_at, context }) => [content, created_at, context])).toEqual([
      ['The new clay comes from Ludlow.', '2026-03-04T09:00:00.000Z', 'letter'],
      ['Glazing starts on Monday.', '2026-03-05T00:00:00.000Z', 'Letter 2'],
      ['Ottilie buys clay from Bewdley', '2026-01-01T00:00:00.000Z', null],
      ['No longer true since 2026-03-04: Ottilie buys clay from Bewdley', '2026-03-04T00:00:00.000Z', null],
    ]);
    expect(entries.map(({ metadata }) => metadata['agent'])).toEqual(['studio', undefined, 'studio', 'studio']);
  });

  test('a fact that has been true until now is one memory, and the day when it ends adds one', async () => {
    const fact = { uuid: 'f1', fact: 'The kiln is red', valid_at: '2026-01-01T00:00:00Z', invalid_at: null };
    const before = await importText(JSON.stringify([fact]));
    const after = await importText(JSON.stringify([{ ...fact, invalid_at: '2026-02-01T00:00:00Z' }]));
    expect(after.entries).toHaveLength(2);
    expect(after.entries[0]?.id).toBe(before.entries[0]?.id);
  });

  test('messages begin with who says them; what the system or a tool says is left out', async () => {
    const { entries, leftOut } = await readImport(exportOf('zep-messages.json'));
    expect(entries.map(({ content }) => content)).toEqual([
      'Ottilie: The kiln is cold again.',
      'Assistant: Shall I call the electrician?',
      'Bram: I did already.',
    ]);
    expect(entries.map(({ metadata }) => metadata['role'])).toEqual(['user', 'assistant', 'user']);
    expect(leftOut).toEqual({ 'system prompt': 1, 'tool call': 1 });
  });
});

test('conversations of Claude: a memory a message, with who said it; thinking, tools and attachments are left out', async () => {
  const { entries, format, leftOut } = await readImport(exportOf('claude.json'));
  expect(format).toBe('claude');
  expect(entries.map(({ content }) => content)).toEqual([
    'User: Why does my celadon crack?',
    'Assistant: Let me look.\n\nIt cools too fast.',
    'User: Thanks, an older message without blocks.',
  ]);
  expect(entries[0]).toMatchObject({
    created_at: '2026-03-07T18:00:01.250Z',
    context: 'Glaze that cracks',
    metadata: { role: 'user', conversation: 'c1', imported_from: 'claude', imported_id: 'c1m1' },
  });
  expect(leftOut).toEqual({ attachment: 2, thinking: 1, 'tool call': 2, 'empty message': 1 });
});

describe('conversations of ChatGPT', () => {
  test('are read along the branch that is shown', async () => {
    const { entries, format, leftOut } = await readImport(exportOf('chatgpt.json'));
    expect(format).toBe('chatgpt');
    expect(entries.map(({ content, created_at }) => [content, created_at])).toEqual([
      ['User: When is the kiln cold enough to open?', '2026-03-08T10:00:02.250Z'],
      // It has no time of its own; the tool's answer before it has.
      ['Assistant: In nine hours.', '2026-03-08T10:00:05.001Z'],
    ]);
    expect(entries[0]).toMatchObject({ context: 'Kiln timer', metadata: { role: 'user', conversation: 'g1' } });
    expect(leftOut).toEqual({
      ...{ 'system prompt': 1, 'hidden message': 1, thinking: 1, 'tool call': 2, 'empty message': 1 },
      'message of another branch': 1,
    });
  });

  test('a branch that names no leaf, or goes in a circle, ends', async () => {
    const message = (text: string) => ({ author: { role: 'user' }, content: { content_type: 'text', parts: [text] } });
    const mapping = {
      a: { message: message('one'), parent: 'b', children: ['b'] },
      b: { message: message('two'), parent: 'a', children: [] },
    };
    const { entries } = await importText(JSON.stringify([{ mapping, current_node: 'gone' }]));
    expect(entries.map(({ content }) => content)).toEqual(['User: one', 'User: two']);
  });
});

describe('rows of a memories table', () => {
  test('as JSON Lines keep what the table tells; deleted rows and what is made from the text are left out', async () => {
    const { entries, format, leftOut } = await readImport(exportOf('codex.jsonl'));
    expect([format, leftOut]).toEqual(['codex', { 'deleted row': 1 }]);
    expect(entries[0]).toMatchObject({
      content: 'The studio moved to Weir Lane.',
      created_at: '2026-03-01T09:30:00.500Z',
      updated_at: '2026-03-02T09:30:00.000Z',
    });
    expect(entries[0]?.metadata).toEqual({
      ...{ agent: 'potter', source: 'chat', tier: 'working', status: 'active', importance_score: 0.8, access_count: 2 },
      ...{ imported_from: 'codex', imported_id: '9b2e3c1a-0000-4000-8000-000000000001' },
    });
  });

  test('as CSV are the same memories', async () => {
    const { entries, format } = await readImport(exportOf('codex.csv'));
    expect(format).toBe('codex');
    expect(entries[0]?.id).toBe((await readImport(exportOf('codex.jsonl'))).entries[0]?.id);
    expect(entries.map(({ content, tags, context, created_at }) => ({ content, tags, context, created_at }))).toEqual([
      {
        ...{ content: 'The studio moved to Weir Lane.', tags: ['studio', 'weir lane'], context: null },
        created_at: '2026-03-01T09:30:00.500Z',
      },
      {
        ...{ content: 'Two lines,\nand "quotes".', tags: [], context: 'from a letter' },
        created_at: '2026-03-03T09:30:00.123Z',
      },
    ]);
  });

  test('in a list may have no more columns than a journal', async () => {
    const row = { id: 1, content: 'a', tags: ['x'], created_at: '2026-03-01T09:30:00' };
    expect(await importText(JSON.stringify([row]))).toMatchObject({ format: 'codex', memories: 1 });
  });
});

describe('Markdown', () => {
  test('is a memory a bullet or section, code and what is nested whole, headings as context and tags', async () => {
    const { entries, format, leftOut } = await readImport(exportOf('CLAUDE.md'));
    expect(format).toBe('markdown');
    expect(entries.map(({ content, context }) => [content, context])).toEqual([
      ['We throw on Mondays.\n\nNothing is fired on Sundays.', 'Studio'],
      ['`kiln check` looks at the elements\n- twice in winter', 'Studio > Commands > Run these before a firing'],
      ['[ ] ask Bram about the cone\n\nCone 6, not cone 10.', 'Studio > Commands > Run these before a firing'],
      ['Open the damper', 'Studio > Commands'],
      ['Then start it:\n\n```sh\n# not a heading\nkiln start\n\n- not a bullet\n```', 'Studio > Commands'],
      ['| glaze   | cone |\n| ------- | ---- |\n| celadon | 6    |', 'Studio > Commands > Glazes'],
    ]);
    expect(entries[5]?.tags).toEqual(['studio', 'commands', 'glazes']);
    expect(entries[0]?.metadata).toEqual({ description: 'How the studio works', imported_from: 'markdown' });
    expect(leftOut).toEqual({ comment: 1, 'reference to another file': 1 });
  });

  test('may leave levels of headings out', async () => {
    const { entries } = await importText('# A\n\n### B\n\n- one\n\n### C\n\n- two\n\n## D\n\n- three\n');
    expect(entries.map(({ context }) => context)).toEqual(['A > B', 'A > C', 'A > D']);
  });

  test('without a time is of when the file was changed, in its order, which is said', async () => {
    const { entries, warnings } = await importText('- one\n- two\n');
    expect(entries.map(({ created_at }) => created_at)).toEqual([beforeChange(1), beforeChange(2)]);
    expect(warnings).toEqual([
      expect.stringMatching(/: 2 memories have no time; they are of the hour before the file/),
    ]);
  });

  test('is of the day that its front matter names', async () => {
    const { entries, warnings } = await importText('---\ndate: 2026-02-03\ntags: a, b\n---\n\n- one\n');
    expect([entries[0]?.created_at, entries[0]?.tags, warnings]).toEqual(['2026-02-03T00:00:00.000Z', ['a', 'b'], []]);
  });

  test('tells two agents apart who noted the same', async () => {
    const ids = async (agent: string) => (await importText('# A\n\n- one\n', agent)).entries.map(({ id }) => id);
    expect(await ids('ada')).not.toEqual(await ids('bob'));
    expect(await ids('ada')).toEqual(await ids('ada'));
  });
});
