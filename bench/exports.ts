const START = Date.parse('2026-01-01T08:00:00Z');
const STEP_MS = 20_000;
/** Messages of one conversation, bullets under one heading. */
const TOGETHER = 100;

const textOf = (n: number) =>
  `Note ${n}: the cutover of store ${n % 97} moves to week ${n % 52} after the outage, as agreed with team ${n % 13}.`;
const timeOf = (n: number) => new Date(START + n * STEP_MS).toISOString();
const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const agentOf = (n: number) => `agent-${n % 20}`;
const roleOf = (n: number) => (n % 2 === 0 ? 'user' : 'assistant');

/** Exports of each system with `count` memories, as it writes them, piece by piece; the same at every call. */
export function createExports(count: number): Record<string, Iterable<string>> {
  const each = (write: (n: number) => unknown) => () => records(count, (n) => JSON.stringify(write(n)));
  const talks = (write: (first: number) => unknown) =>
    records(Math.ceil(count / TOGETHER), (n) => JSON.stringify(write(n * TOGETHER)));
  return {
    'journal.jsonl': lines(each(writeEntry)()),
    'codex.jsonl': lines(
      each((n) => ({ ...writeEntry(n), tier: 'working', importance_score: 0.5, access_count: 3 }))(),
    ),
    'codex.csv': csv(count),
    'mem0.json': list('{"results":[', each(writeMem0)(), `],"count":${count}}`),
    'zep.json': list('{"episodes":[', each(writeEpisode)(), ']}'),
    'claude.json': list('[', talks(writeClaude), ']'),
    'chatgpt.json': list('[', talks(writeChatgpt), ']'),
    'MEMORY.md': records(count, (n) => `${n % TOGETHER === 0 ? `\n## Store ${n / TOGETHER}\n\n` : ''}- ${textOf(n)}\n`),
  };
}

function* records(count: number, write: (n: number) => string): Generator<string> {
  for (let n = 0; n < count; n += 1) yield write(n);
}

function* lines(pieces: Iterable<string>): Generator<string> {
  for (const piece of pieces) yield `${piece}\n`;
}

function* list(before: string, pieces: Iterable<string>, after: string): Generator<string> {
  let between = before;
  for (const piece of pieces) {
    yield between + piece;
    between = ',';
  }
  yield after;
}

function* csv(count: number): Generator<string> {
  yield 'id,content,tags,metadata,created_at,updated_at,tier\n';
  for (let n = 0; n < count; n += 1) {
    const time = timeOf(n).replace('T', ' ').replace('Z', '+00');
    yield `${idOf(n + 1e9)},"${textOf(n)}",{store},"{""agent"": ""${agentOf(n)}""}",${time},${time},working\n`;
  }
}

function writeEntry(n: number) {
  return { id: idOf(n), content: textOf(n), created_at: timeOf(n), tags: ['store'], metadata: { agent: agentOf(n) } };
}

function writeMem0(n: number) {
  const time = { created_at: timeOf(n), updated_at: null };
  return {
    id: idOf(n),
    memory: textOf(n),
    hash: `hash-${n}`,
    metadata: null,
    categories: ['store'],
    ...time,
    user_id: agentOf(n),
  };
}

function writeEpisode(n: number) {
  const times = { created_at: timeOf(n), valid_at: timeOf(n) };
  return {
    uuid: idOf(n),
    name: `episode ${n}`,
    content: textOf(n),
    source: 'text',
    source_description: '',
    ...times,
    group_id: agentOf(n),
  };
}

function writeClaude(first: number) {
  const messages = Array.from({ length: TOGETHER }, (_, i) => {
    const [sender, text] = [roleOf(i) === 'user' ? 'human' : 'assistant', textOf(first + i)];
    const common = { attachments: [], files: [], created_at: timeOf(first + i) };
    return { uuid: idOf(first + i), sender, text, content: [{ type: 'text', text, citations: [] }], ...common };
  });
  return {
    uuid: `talk-${first}`,
    name: `Store ${first}`,
    created_at: timeOf(first),
    account: { uuid: 'a' },
    chat_messages: messages,
  };
}

function writeChatgpt(first: number) {
  const nodes = Array.from({ length: TOGETHER }, (_, i) => {
    const message = {
      ...{ id: idOf(first + i), author: { role: roleOf(i), name: null, metadata: {} } },
      ...{ create_time: (START + (first + i) * STEP_MS) / 1000, update_time: null, status: 'finished_successfully' },
      ...{ content: { content_type: 'text', parts: [textOf(first + i)] }, weight: 1, recipient: 'all', channel: null },
      // Most of an export is of this kind.
      metadata: { model_slug: 'a-model', filler: 'x'.repeat(500) },
    };
    const [parent, children] = [`n${i - 1}`, i + 1 < TOGETHER ? [`n${i + 1}`] : []];
    return [`n${i}`, { id: `n${i}`, message, parent: i === 0 ? 'root' : parent, children }] as const;
  });
  const root = { id: 'root', message: null, parent: null, children: ['n0'] };
  const mapping = { root, ...Object.fromEntries(nodes) };
  return {
    title: `Store ${first}`,
    create_time: START / 1000,
    mapping,
    current_node: `n${TOGETHER - 1}`,
    conversation_id: `talk-${first}`,
  };
}
