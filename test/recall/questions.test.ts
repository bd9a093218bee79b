import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readQuestions } from '../../recall/questions.ts';
import { makeFolder } from '../support/database.ts';

async function read(text: string) {
  const file = join(makeFolder(), 'questions.jsonl');
  writeFileSync(file, text);
  const questions = [];
  for await (const question of readQuestions(file)) questions.push(question);
  return questions;
}

describe('a file of questions', () => {
  test('gives each question with the number of its line, whatever else the line holds', async () => {
    expect(
      await read('{"question": "a", "answers": ["x"]}\n\r\n{"question": "b", "agent": "scout", "limit": 3}\n'),
    ).toEqual([
      { i: 1, asked: { question: 'a' } },
      { i: 3, asked: { question: 'b', agent: 'scout', limit: 3 } },
    ]);
  });

  test('may begin with a byte order mark, and may be empty', async () => {
    expect(await read('\uFEFF{"question": "a"}')).toHaveLength(1);
    expect(await read('')).toEqual([]);
  });

  test.each([
    ['{"question": "a"}\n{"quest', /:2: expected one JSON object in a line/],
    ['{"text": "a"}', /:1: question: /],
    ['{"question": "a", "limit": 0}', /:1: limit: /],
    ['{"question": "a", "as_of": "2026-03-05"}', /:1: as_of: .*ISO 8601/],
  ])('%j is refused with file, line and reason', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  test('that is not there is named', async () => {
    await expect(readQuestions('/nowhere/questions.jsonl').next()).rejects.toThrow(/nowhere.*ENOENT/);
  });
});
