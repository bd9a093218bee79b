import { expect, test } from 'vitest';
import { readJson } from '../../llm/json-answer.ts';

const json = '{"n": 9007199254740993, "s": "a ``` b </think> {"}';

test.each([
  ['by itself', json],
  ['after a byte order mark', `\uFEFF${json}`],
  ['in a code fence', `\`\`\`json\n${json}\n\`\`\``],
  ['in a fence without a language', `\`\`\`\n${json}\n\`\`\``],
  ['in a fence on one line', `\`\`\`JSON ${json} \`\`\``],
  ['in a fence of tildes', `~~~json\r\n${json}\r\n~~~`],
  ['in a fence that never ends', `\`\`\`json\n${json}`],
  ['between words', `Here it is: ${json}\nI hope this helps!`],
  ['between words in quotation marks and [brackets]', `"As 'asked" [for]: ${json} :-) it's {ready}`],
  ['after a thinking', `<think>\nmaybe {"n": 1}?\n</think>\n\n${json}`],
  ['after a thinking and in a fence', `<think>{</think>Sure:\n\`\`\`json\n${json}\n\`\`\``],
  ['after a thinking that the prompt began', `The user wants {"n": 1}.</think>${json}`],
  ['after two thinkings', `<think></think>\n<think>x</think>${json}`],
])('JSON %s is taken as it was written', (_, text) => {
  expect(readJson(text)).toMatchObject({ json });
});

test.each([
  ['7', '```json\n7\n```'],
  ['"yes"', 'The answer:\n```\n"yes"\n```'],
  ['null', '```null```'],
])('%s is taken from a fence, for among words it may be anything', (value, text) => {
  expect(readJson(text)).toMatchObject({ json: value });
});

test.each([
  ['two objects', '{"n": 1} or {"n": 2}', 'it has 2 JSON values where one was asked for'],
  ['two fences', '```json\n{"n": 1}\n```\n```json\n{"n": 2}\n```', 'it has 2 JSON values'],
  ['a line for each', '{"n": 1}\n{"n": 2}\n{"n": 3}', 'it has 3 JSON values'],
  ['an answer that was cut off around a whole part', '{"a": {"n": 1}, "b": ', 'it is not JSON (21 characters)'],
  ['a whole answer and one that was cut off', '{"n": 1} {"n": ', 'not JSON'],
  ['a part of what is wrong as a whole', '{"a": {"n": 1}, oops}', 'not JSON'],
  ['a draft in a thinking without an answer', 'Maybe {"n": 1}?\n</think>\nI do not know.', 'not JSON'],
  ['a thinking that never ends', '<think>maybe {"n": 1}', 'not JSON'],
  ['numbers among words', 'I count 3 of them', 'not JSON'],
  ['quoted words', 'They said "yes".', 'not JSON'],
  ['nothing', '', 'it is not JSON (0 characters)'],
  ['a hundred thousand brackets', '['.repeat(1e5), 'not JSON'],
])('%s leave open which value is meant, so none is taken', (_, text, problem) => {
  expect(readJson(text)).toEqual({ problem: expect.stringContaining(problem) as string });
});
