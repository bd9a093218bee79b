import { afterAll, describe } from 'vitest';
import { openOllamaServer } from '../support/ollama.ts';
import { passOver } from '../support/requirements.ts';
import { describeModel } from './model.contract.ts';

const server = await openOllamaServer();
if ('reason' in server) {
  passOver('ollama', server.reason);
  describe.skip('a model at a real Ollama', () => describeModel('a real Ollama', () => ''));
} else {
  afterAll(() => server.stop());
  describeModel('a real Ollama', () => server.url);
}
