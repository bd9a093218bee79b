import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parametersSchema } from '../../memory/parameters.ts';
import { makeFolder } from '../support/database.ts';
import { loadOutput, refusal } from './folder.ts';

test('without a block, the source is public.memories, the rules read the text, and it is UTC', () => {
  expect(loadOutput('').pipeline).toEqual({
    scope: 'agent',
    source: {
      attachment: 'source_memories',
      schema: 'public',
      table: 'memories',
      columns: {
        id: 'id',
        content: 'content',
        created_at: 'created_at',
        updated_at: 'updated_at',
        agent: 'metadata.agent',
        tags: 'tags',
        context: 'context',
        metadata: 'metadata',
      },
    },
    llm: {
      ...{ url: null, generate: null, extract: null, embed: 'onnx:all-MiniLM-L6-v2' },
      ...{ parallel: 4, timeout: 120, num_ctx: 8192, cache: 256_000_000 },
      budget: { calls: 1000, tokens: 4_000_000, seconds: 3600 },
    },
    recall: { keep_questions: false },
    hardened: false,
    timezone: 'UTC',
    parameters: parametersSchema.parse({}),
  });
});

test('the LLM comes from the block, else from its variables; a variable set to nothing is not set', () => {
  const env = { OLLAMA_URL: 'http://ollama:11434', OLLAMA_MODEL: 'm', OLLAMA_EMBED_MODEL: 'e' };
  const fromEnv = { url: 'http://ollama:11434', generate: 'm', extract: 'm', embed: 'e' };
  expect(loadOutput('', { env }).pipeline.llm).toMatchObject(fromEnv);
  const block =
    'pipeline: {llm: {url: "http://h:1", generate: g, extract: x, embed: null, parallel: 16, timeout: 30, budget: {calls: 7}}}';
  expect(loadOutput(block, { env }).pipeline.llm).toEqual({
    ...{ url: 'http://h:1', generate: 'g', extract: 'x', embed: null },
    ...{ parallel: 16, timeout: 30, num_ctx: 8192, cache: 256_000_000 },
    budget: { calls: 7, tokens: 4_000_000, seconds: 3600 },
  });
  const empty = { OLLAMA_URL: '', OLLAMA_MODEL: '', OLLAMA_EMBED_MODEL: '' };
  const none = { url: null, generate: null, embed: 'onnx:all-MiniLM-L6-v2' };
  expect(loadOutput('', { env: empty }).pipeline.llm).toMatchObject(none);
});

test.each([
  ['embed: null', null],
  ['embed: nomic', 'onnx:all-MiniLM-L6-v2'],
  ['url: "http://h:1", embed: nomic', 'nomic'],
  ['url: "http://h:1", embed: "onnx:all-MiniLM-L6-v2"', 'onnx:all-MiniLM-L6-v2'],
  ['embed: "onnx:/models/mine"', 'onnx:/models/mine'],
  ["embed: 'onnx:models\\mine'", 'onnx:models\\mine'],
])('pipeline: {llm: {%s}} has memories embedded by %s', (llm, embed) => {
  expect(loadOutput(`pipeline: {llm: {${llm}}}`).pipeline.llm.embed).toBe(embed);
});

test.each(['onnx:', 'onnx:all-minilm', 'onnx:MiniLM'])('what embeds cannot be %s', (embed) => {
  expect(refusal(() => loadOutput(`pipeline: {llm: {embed: "${embed}"}}`))).toContain(
    "pipeline.llm.embed must be null, a model of Ollama's, onnx:all-MiniLM-L6-v2, or onnx: with the path of a folder",
  );
});

test.each(['agent', 'shared', 'metadata.team', 'metadata.the "A" team'])('the scope may be %s', (scope) => {
  expect(loadOutput(`pipeline: {scope: '${scope}'}`).pipeline.scope).toBe(scope);
});

test.each(['agents', 'metadata', 'metadata.', 'team', '""'])('the scope cannot be %s', (scope) => {
  expect(refusal(() => loadOutput(`pipeline: {scope: ${scope}}`))).toContain('pipeline.scope');
});

test('a namespace of Temporal may be named, and is read by itself too', () => {
  expect(loadOutput('').pipeline.temporal).toBeUndefined();
  const namespace = (block: string) => loadOutput(`pipeline: {temporal: ${block}}`).pipeline.temporal?.namespace;
  expect(namespace('{namespace: team.acct1}')).toBe('team.acct1');
  expect(namespace('{namespace: ""}')).toBeUndefined();
  expect(namespace('{namespace: null}')).toBeUndefined();
  expect(refusal(() => namespace('{namespace: 7}'))).toContain('pipeline.temporal.namespace must be text, not 7');
  expect(refusal(() => namespace('{adress: a}'))).toContain('pipeline.temporal has the unknown key "adress"');
});

test('the time zone comes from the block, else from its variable; a variable set to nothing is not set', () => {
  const zone = (block: string, value: string) =>
    loadOutput(block, { env: { BIOLOGICAL_MEMORY_TIMEZONE: value } }).pipeline.timezone;
  expect(zone('', 'Europe/Berlin')).toBe('Europe/Berlin');
  expect(zone('', '')).toBe('UTC');
  expect(zone('pipeline: {timezone: ""}', 'Europe/Berlin')).toBe('Europe/Berlin');
  expect(zone('pipeline: {timezone: Asia/Tokyo}', 'Europe/Berlin')).toBe('Asia/Tokyo');
  expect(zone('pipeline: {timezone: Asia/Tokyo}', 'Mars/Base')).toBe('Asia/Tokyo');
  // As every program that looks it up by the name of a file needs it; an alias is no misspelling.
  expect(zone('', 'europe/berlin')).toBe('Europe/Berlin');
  expect(zone('', 'Asia/Kolkata')).toBe('Asia/Kolkata');
});

test.each(['', `pipeline: {timezone: "{{ env_var('BIOLOGICAL_MEMORY_TIMEZONE', 'UTC') }}"}`])(
  'a time zone that BIOLOGICAL_MEMORY_TIMEZONE does not give is refused by that name (%s)',
  (block) => {
    for (const zone of ['Mars/Base', '+02:00', 'Europe/Berlin ', 'CEST'])
      expect(refusal(() => loadOutput(block, { env: { BIOLOGICAL_MEMORY_TIMEZONE: zone } }))).toContain(
        `pipeline.timezone comes from the environment variable BIOLOGICAL_MEMORY_TIMEZONE and must be an IANA time zone such as Europe/Berlin or UTC, not ${zone}`,
      );
  },
);

test('a variable of the block may come from a file, as env_var() takes it', () => {
  const file = join(makeFolder(), 'url');
  writeFileSync(file, 'http://ada:s3cret@ollama:11434\n');
  expect(loadOutput('', { env: { OLLAMA_URL_FILE: file } }).pipeline.llm.url).toBe('http://ada:s3cret@ollama:11434');
});

test.each([
  ['256MB', 256e6],
  ['1.5 GiB', 1.5 * 2 ** 30],
  ['10kb', 10e3],
  ['0B', 0],
])('a cache of %s is %d bytes', (cache, bytes) => {
  expect(loadOutput(`pipeline: {llm: {cache: "${cache}"}}`).pipeline.llm.cache).toBe(bytes);
});

test('columns of another table, and parameters, keep the defaults of what is not named', () => {
  const { pipeline } = loadOutput(
    'attach: [{path: x, alias: src}]\npipeline:\n  source: {attachment: src, table: notes, columns: {id: uid, tags: null, agent: author}}\n' +
      '  timezone: Europe/Berlin\n  parameters: {replay_budget: 50}',
  );
  expect(pipeline.source).toMatchObject({ attachment: 'src', schema: 'public', table: 'notes' });
  expect(pipeline.source.columns).toMatchObject({ id: 'uid', content: 'content', tags: null, agent: 'author' });
  expect(pipeline.timezone).toBe('Europe/Berlin');
  expect(pipeline.parameters).toEqual({ ...parametersSchema.parse({}), replay_budget: 50 });
});

test.each([
  '{surprise_window: 5, surprise_min_predecessors: 5}',
  '{insight_common_min: 20, insight_common_max: 20, insight_min_episodes: 20, insight_min_days: 20}',
  '{working_memory_capacity: 3, working_memory_capacity_variance: 2}',
  '{attention_recency_weight: 0.1, attention_importance_weight: 0.2, attention_urgency_weight: 0.3, ' +
    'attention_arousal_weight: 0.15, attention_novelty_weight: 0.25}',
])('parameters that just go together are taken: %s', (parameters) => {
  expect(() => loadOutput(`pipeline: {parameters: ${parameters}}`)).not.toThrow();
});

test.each([
  ['{sorce: {}}', 'pipeline has the unknown key "sorce"; did you mean "source"?'],
  [
    '{source: {columns: {identifier: id}}}',
    'pipeline.source.columns has the unknown key "identifier"; known are id, content',
  ],
  ['{source: {columns: {id: null}}}', 'pipeline.source.columns.id must be text, not empty'],
  ['{source: {columns: {agent: a.b.c}}}', 'pipeline.source.columns.agent must be a column, or a field'],
  ['{source: {attachment: other}}', 'pipeline.source.attachment must be the alias of an attachment; there is no'],
  ['{llm: {url: "localhost:11434"}}', 'pipeline.llm.url must be an address such as http://'],
  ['{llm: {cache: lots}}', 'pipeline.llm.cache must be a size such as 256MB or 1GiB'],
  ['{llm: {parallel: 0}}', 'pipeline.llm.parallel must be at least 1, not 0'],
  ['{llm: {timeout: 600}}', 'pipeline.llm.timeout must be at most 290, not 600'],
  ['{llm: {extrakt: x}}', '"extrakt"; did you mean "extract"?'],
  ['{timezone: Mars/Olympus}', 'pipeline.timezone must be an IANA time zone'],
  ['{timezone: "+02:00"}', 'pipeline.timezone must be an IANA time zone'],
  ['{parameters: {replay_budgt: 1}}', '"replay_budgt"; did you mean "replay_budget"?'],
  ['{parameters: {replay_budget: 1}}', 'pipeline.parameters.replay_budget must be at least 20, not 1'],
  ['{parameters: {replay_budget: "50"}}', 'pipeline.parameters.replay_budget must be a number, not the text "50"'],
  [
    '{parameters: {importance_low: 0.3, importance_moderate: 0.3}}',
    'pipeline.parameters.importance_low must be below importance_moderate, which is 0.3, not 0.3: grade 2 lies',
  ],
  [
    '{parameters: {importance_moderate: 0.5, importance_strong: 0.5}}',
    'pipeline.parameters.importance_moderate must be below importance_strong, which is 0.5, not 0.5: the levels',
  ],
  [
    '{parameters: {importance_strong: 0.75, importance_vital: 0.75}}',
    'pipeline.parameters.importance_strong must be below importance_vital, which is 0.75, not 0.75: the levels',
  ],
  [
    '{parameters: {working_memory_capacity: 3, working_memory_capacity_variance: 3}}',
    'pipeline.parameters.working_memory_capacity_variance must be below working_memory_capacity, which is 3, not 3: each',
  ],
  [
    '{parameters: {surprise_window: 5, surprise_min_predecessors: 6}}',
    'pipeline.parameters.surprise_min_predecessors must be at most surprise_window, which is 5, not 6: a window',
  ],
  [
    '{parameters: {consolidating_share: 0.5, schematized_share: 0.5}}',
    'pipeline.parameters.consolidating_share must be below schematized_share, which is 0.5, not 0.5: a memory',
  ],
  [
    '{parameters: {fate_forget: 0.6, fate_retain: 0.5}}',
    'pipeline.parameters.fate_forget must be below fate_retain, which is 0.5, not 0.6: a memory fades between them',
  ],
  [
    '{parameters: {insight_common_max: 10}}',
    'pipeline.parameters.insight_common_min must be at most insight_common_max, which is 10, not 20: a theme',
  ],
  [
    '{parameters: {insight_min_episodes: 20, insight_common_min: 5, insight_common_max: 19}}',
    'pipeline.parameters.insight_min_episodes must be at most insight_common_max, which is 19, not 20: a theme',
  ],
  [
    '{parameters: {insight_min_days: 20, insight_common_min: 5, insight_common_max: 19}}',
    'pipeline.parameters.insight_min_days must be at most insight_common_max, which is 19, not 20: a theme',
  ],
  [
    '{parameters: {rem_min_distance: 0.75, rem_max_distance: 0.75}}',
    'pipeline.parameters.rem_min_distance must be below rem_max_distance, which is 0.75, not 0.75: far pairs',
  ],
  [
    '{parameters: {attention_recency_weight: 0.5}}',
    'pipeline.parameters.attention_recency_weight must make 1 together with attention_importance_weight (0.6), ' +
      'attention_urgency_weight (0.1), attention_arousal_weight (0.05), attention_novelty_weight (0.2); ' +
      'attention_recency_weight (0.5) and they make 1.45',
  ],
  [
    '{parameters: {attention_recency_weight: 0, attention_importance_weight: 0, attention_urgency_weight: 0, ' +
      'attention_arousal_weight: 0, attention_novelty_weight: 0}}',
    'attention_recency_weight (0) and they make 0',
  ],
  ['[]', 'pipeline must be a mapping, not a list'],
])('pipeline: %s is refused: %s', (block, problem) => {
  expect(refusal(() => loadOutput(`pipeline: ${block}`))).toContain(problem);
});

test.each(['', `pipeline: {llm: {url: "{{ env_var('OLLAMA_URL', '') }}"}}`])(
  'an address that OLLAMA_URL does not give is refused by that name, without a password (%s)',
  (block) => {
    const tell = (url: string) => refusal(() => loadOutput(block, { env: { OLLAMA_URL: url } }));
    expect(tell('localhost:11500')).toContain(
      'comes from the environment variable OLLAMA_URL and must be an address such as http://127.0.0.1:11434, not localhost:11500',
    );
    expect(tell('me:hunter2@localhost:11500')).toMatch(/, not \*{5}@localhost:11500$/);
  },
);

test.each(['s3cr%et', '100%', 'caf%e9'])(
  'a password in which a percent sign stands for itself (%s) is refused with what to write, and not shown',
  (password) => {
    const url = `http://ada:${password}@ollama:11434`;
    const wanted = 'must have %25 for each % of its user name and password';
    const byVariable = refusal(() => loadOutput('', { env: { OLLAMA_URL: url } }));
    expect(byVariable).toContain(
      `comes from the environment variable OLLAMA_URL and ${wanted}, not *****@ollama:11434`,
    );
    const byBlock = refusal(() => loadOutput(`pipeline: {llm: {url: "${url}"}}`));
    expect(byBlock).toContain(`pipeline.llm.url ${wanted}`);
    expect(byVariable + byBlock).not.toMatch(/ada|s3cr|100%|caf/);
    const written = `http://ada:${encodeURIComponent(password)}@ollama:11434`;
    expect(loadOutput('', { env: { OLLAMA_URL: written } }).pipeline.llm.url).toBe(written);
  },
);
