import { describe, expect, test } from 'vitest';
import { biomemJson } from '../support/biomem.ts';
import { makeFolder } from '../support/database.ts';
import { findRealOnnx } from '../support/onnx.ts';
import { passOver } from '../support/requirements.ts';

const found = await findRealOnnx();
if ('reason' in found) passOver('onnx', found.reason);

describe.skipIf('reason' in found)('without an Ollama', () => {
  test('SQL embeds by the model in the process', async () => {
    const workspace = makeFolder();
    const sql =
      "select len(llm_embed('x')) as n, list_cosine_similarity(llm_embed('I adopted a cat'), llm_embed('My kitten sleeps')) as c";
    const { rows } = await biomemJson<{ rows: { n: number; c: number }[] }>(['sql', sql], { workspace });
    expect(rows).toEqual([{ n: '384', c: expect.closeTo(0.479, 2) }]);
  });
});
