import { afterAll, describe, expect, test } from 'vitest';
import { openEmbedder } from '../../llm/embedder.ts';
import type { OnnxFound } from '../../downloads/onnx.ts';
import { openOllama } from '../../llm/ollama.ts';
import { openOnnx } from '../../llm/onnx.ts';
import { settingsFor } from '../llm/model.contract.ts';
import { openLab } from '../support/lab.ts';
import { openOllamaServer } from '../support/ollama.ts';
import { findRealOnnx } from '../support/onnx.ts';
import { passOver } from '../support/requirements.ts';

const server = await openOllamaServer();
if ('reason' in server) passOver('ollama', server.reason);
else afterAll(() => server.stop());
const found = await findRealOnnx();
if ('reason' in found) passOver('onnx', found.reason);

const RUNNERS = [
  {
    runner: 'Ollama',
    missing: 'reason' in server,
    open: () => openOllama(settingsFor('url' in server ? server.url : '')),
    says: /^Ollama embeds the memories: all-minilm@[0-9a-f]{12}$/,
  },
  {
    runner: 'this process',
    missing: 'reason' in found,
    open: () => openOnnx(() => Promise.resolve(found as OnnxFound)),
    says: /^onnxruntime embeds the memories: onnx-all-MiniLM-L6-v2@afdb6f1a0e45$/,
  },
];

const PAIRS = [
  ['Our kitten is napping on the couch.', 'A cat sleeps upon that sofa.'],
  ['The doctor prescribed new medication.', 'A physician wrote some prescriptions.'],
] as const;
const ALONE = 'Quarterly revenue grew by eight percent.';

describe.each(RUNNERS)('with the real MiniLM in $runner', ({ missing, open, says }) => {
  test.skipIf(missing)(
    'memories that share no word, entity or episode, but their meaning, are associated, and no others',
    async () => {
      const lines: string[] = [];
      const embedder = await openEmbedder(open(), (line) => void lines.push(line));
      const lab = await openLab({}, undefined, {}, { embedder });
      const texts = [PAIRS[0][0], PAIRS[1][0], ALONE, PAIRS[0][1], PAIRS[1][1]];
      await lab.write(
        ...texts.map((content, hour) => ({
          ...{ id: content, content, agent: 'ada' },
          at: new Date(Date.UTC(2026, 2, 1, 2 * hour)).toISOString(),
        })),
      );
      const counts = await lab.live('2026-03-02T03:00:00Z');
      expect(counts.embedMemories).toMatchObject({ embedded: 5, embed_calls: 1 });
      expect(lines).toEqual([expect.stringMatching(says)]);
      expect(
        await lab.list('select count(*)::int from (select entity from mention group by 1 having count(*) > 1)'),
      ).toEqual([0]);
      expect(await lab.list('select count(*)::int from episode')).toEqual([5]);
      const found = await lab.rows('select src, dst from association where src > dst order by src desc');
      expect(found).toEqual(PAIRS.map(([src, dst]) => ({ src, dst })).toSorted((a, b) => (a.src < b.src ? 1 : -1)));
      expect(await lab.list('select distinct len(vector)::int from embedding')).toEqual([384]);
    },
  );
});
