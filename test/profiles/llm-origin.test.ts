import { expect, test } from 'vitest';
import { originOfLlm, readOllama } from '../../profiles/llm-origin.ts';
import { findOutput } from './folder.ts';

const env = { OLLAMA_URL: 'http://v:1', MINE: 'http://m:1' };
const read = (output: string) => readOllama(findOutput(output), { env, vars: {} });
const at = (path: string) => `p.outputs.dev.${path}`;

test.each([
  ['', { url: 'http://v:1', by: 'OLLAMA_URL' }],
  ['pipeline: {llm: {url: "http://p:1"}}', { url: 'http://p:1', by: at('pipeline.llm.url') }],
  [`pipeline: {llm: {url: "{{ env_var('MINE') }}"}}`, { url: 'http://m:1', by: 'MINE' }],
  [`pipeline: {llm: {url: "{{ env_var('NO_SUCH', '') }}"}}`, { url: 'http://v:1', by: 'OLLAMA_URL' }],
  ['pipeline: {llm: {url: null}}', null],
  ['settings: {ollama_url: "http://s:1"}', { url: 'http://s:1', by: at('settings.ollama_url') }],
  [`settings: {prompt_base_url: "{{ env_var('MINE') }}"}`, { url: 'http://m:1', by: 'MINE' }],
  ['settings: {ollama_url: "http://s:1"}\npipeline: {llm: {url: null}}', null],
])('of {%s} the Ollama is %j', (output, found) => {
  expect(read(output)).toEqual(found);
});

test('nothing else of the output is rendered for it', () => {
  const other = `{{ env_var('NO_SUCH') }}`;
  const output = `schema: "${other}"\nsettings: {memory_limit: "${other}"}\npipeline: {timezone: "${other}"}`;
  expect(read(output)?.url).toBe('http://v:1');
});

test('a model that a setting of the predecessor names comes from there', () => {
  const location = findOutput(`settings: {ollama_model: "{{ env_var('MODEL') }}"}`);
  const origin = originOfLlm(location, 'generate', { env: { MODEL: 'm' }, vars: {} });
  expect(origin).toEqual({ path: at('settings.ollama_model'), variable: 'MODEL' });
});

test('an address that a file gives is told by the variable that names the file', () => {
  const origin = originOfLlm(findOutput(''), 'url', {
    env: { OLLAMA_URL_FILE: new URL(import.meta.url).pathname },
    vars: {},
  });
  expect(origin).toEqual({ variable: 'OLLAMA_URL_FILE' });
});
