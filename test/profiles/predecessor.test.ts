import { describe, expect, test } from 'vitest';
import { loadOutput, refusal } from './folder.ts';

/** The predecessor's own example. */
const EXAMPLE = `settings:
  memory_limit: 8GB
  enable_external_access: false
  ollama_url: "{{ env_var('OLLAMA_URL') }}"
  ollama_model: "{{ env_var('OLLAMA_MODEL') }}"
  prompt_model: "ollama"
  prompt_base_url: "{{ env_var('OLLAMA_URL') }}"
  prompt_model_name: "{{ env_var('OLLAMA_MODEL') }}"`;

const URL = 'http://ada:s3cr3t@ollama:11434';

/** The warnings without file and line. */
const told = (warnings: readonly string[]) => warnings.map((line) => line.replace(/^.*\.dev\./, ''));

test('the settings of the predecessor’s example are used as pipeline.llm, each with a warning where it stands', () => {
  const { pipeline, settings, warnings } = loadOutput(EXAMPLE, {
    env: { OLLAMA_URL: URL, OLLAMA_MODEL: 'gpt-oss:20b' },
  });
  expect(pipeline.llm).toMatchObject({ url: URL, generate: 'gpt-oss:20b', extract: 'gpt-oss:20b' });
  // What is left is DuckDB's.
  expect(settings).toEqual({ memory_limit: '8GB', enable_external_access: false });
  const odd = 'is no setting of DuckDB, and dbt fails on it;';
  expect(told(warnings)).toEqual([
    `settings.prompt_model ${odd} take it out: a model is always asked of Ollama.`,
    `settings.ollama_url ${odd} it is used as pipeline.llm.url; move it there.`,
    `settings.prompt_base_url ${odd} it is ignored: ollama_url counts. Take it out.`,
    `settings.ollama_model ${odd} it is used as pipeline.llm.generate; move it there.`,
    `settings.prompt_model_name ${odd} it is ignored: ollama_model counts. Take it out.`,
  ]);
  expect(warnings[1]).toMatch(/profiles\.yml:9:\d+: p\.outputs\.dev\.settings\.ollama_url /);
  expect(warnings.join()).not.toContain('s3cr3t');
});

test.each([
  ['prompt_base_url: "http://h:1", prompt_model_name: m', { url: 'http://h:1', generate: 'm', embed: 'all-minilm' }],
  ['OLLAMA_URL: "http://h:1", Ollama_Model: m', { url: 'http://h:1', generate: 'm' }],
  ['ollama_url: "http://h:1", embedding_model: nomic', { url: 'http://h:1', generate: null, embed: 'nomic' }],
  ['ollama_url: "http://h:1", ollama_embedding_model: nomic', { embed: 'nomic' }],
  // Empty is not given: the other name, or the variable, counts.
  ['ollama_url: "", prompt_base_url: "http://h:2"', { url: 'http://h:2' }],
  ['ollama_url: , ollama_model: ""', { url: 'http://v:1', generate: null }],
  ['ollama_url: "http://h:1", prompt_model: openai, prompt_model_name: gpt-4', { url: 'http://h:1', generate: null }],
  ['ollama_timeout: 300, prompt_temperature: 0.5', { timeout: 120 }],
])('settings: {%s} mean %j', (settings, llm) => {
  for (const block of ['settings', 'config_options']) {
    const profile = loadOutput(`${block}: {threads: 2, ${settings}}`, { env: { OLLAMA_URL: 'http://v:1' } });
    expect(profile.pipeline.llm).toMatchObject(llm);
    expect([profile.settings, profile.configOptions]).toContainEqual({ threads: 2 });
    expect(profile.warnings).toHaveLength(settings.split(',').length);
  }
});

describe('pipeline.llm goes before them', () => {
  test.each([
    ['url: "http://p:1"', 'http://p:1'],
    ['url: null', null],
    // What a template gives where its variable is not set says nothing.
    [`url: "{{ env_var('NO_SUCH', '') }}"`, 'http://h:1'],
    ['parallel: 2', 'http://h:1'],
  ])('{%s}: the url is %s', (llm, url) => {
    const profile = loadOutput(`settings: {ollama_url: "http://h:1"}\npipeline: {llm: {${llm}}}`);
    expect(profile.pipeline.llm.url).toBe(url);
    const fate = url === 'http://h:1' ? 'it is used as pipeline.llm.url' : 'it is ignored: pipeline.llm has it already';
    expect(profile.warnings).toEqual([expect.stringContaining(fate)]);
  });
});

test('a value that does not do is refused where it stands, without a password', () => {
  const refused = refusal(() => loadOutput('settings: {ollama_url: "me:s3cr3t@ollama"}'));
  expect(refused).toMatch(/settings\.ollama_url must be an address such as http:/);
  expect(refused).not.toContain('s3cr3t');
  expect(refusal(() => loadOutput('settings: {ollama_model: 7}'))).toContain(
    'settings.ollama_model must be text, not 7',
  );
});

test('blocks that are no mappings are refused as they are without them', () => {
  const settings = 'settings: {ollama_url: "http://h:1"}';
  expect(refusal(() => loadOutput(`${settings}\npipeline: []`))).toContain('pipeline must be a mapping, not a list');
  expect(refusal(() => loadOutput(`${settings}\npipeline: {llm: 7}`))).toContain(
    'pipeline.llm must be a mapping, not 7',
  );
  expect(refusal(() => loadOutput('settings: [ollama_url]'))).toContain('settings must be a mapping');
});
