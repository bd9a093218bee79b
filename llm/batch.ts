import { z } from 'zod';
import { fence, FENCED } from './fence.ts';
import { readJson } from './json-answer.ts';
import type { Task } from './task.ts';
import { someText } from './texts.ts';

/** What is wrong with an answer, and the answer itself when there was one. */
export interface Fault {
  readonly problem: string;
  readonly answer?: string;
}

/** A text to ask about; `fault` is what was wrong with the answer before. */
export interface Item<In> {
  readonly input: In;
  readonly fault?: Fault;
}

/** One answer out of many: what was asked for, or why it is not that. */
export type Found<Asked> = { readonly asked: Asked } | Fault;

type AnyTask<In, Asked> = Pick<
  Task<In, never, Asked>,
  'asked' | 'complaint' | 'instructions' | 'render' | 'batch' | 'answerTokens'
>;

/** English takes four bytes a token, the marks of a fence two, other scripts three: this errs on the safe side. */
const BYTES_PER_TOKEN = 3;
/** Tokens that an answer may take at least, however little is expected: models ramble. */
const LEAST_ANSWER = 1024;

const HEADING =
  'Answer as JSON: an object whose keys are the numbers above, each with the answer about that one alone.';

const estimate = (text: string) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** Items in their order, as many to a prompt as the task allows and as fit into `room` tokens with their answers. */
export function packBatches<In, Asked>(
  task: AnyTask<In, Asked>,
  items: readonly Item<In>[],
  room: number,
): Item<In>[][] {
  const frame = estimate(task.instructions + FENCED + HEADING);
  const batches: Item<In>[][] = [];
  let left = 0;
  for (const item of items) {
    const takes = estimate(`1:\n\n${renderItem(task, item)}`) + task.answerTokens;
    const last = batches.at(-1);
    if (last === undefined || last.length === task.batch || takes > left) {
      batches.push([item]);
      left = room - frame - takes;
    } else {
      last.push(item);
      left -= takes;
    }
  }
  return batches;
}

/** The prompt about several texts, numbered from 1; for those with a fault it says what was wrong with the answer before. */
export function renderBatch<In, Asked>(task: AnyTask<In, Asked>, items: readonly Item<In>[]): string {
  const texts = items.map((item, index) => `${String(index + 1)}:\n${renderItem(task, item)}`);
  return `${task.instructions}\n${FENCED}\n\n${texts.join('\n')}\n${HEADING}`;
}

const renderItem = <In, Asked>(task: AnyTask<In, Asked>, { input, fault }: Item<In>) =>
  `${task.render(input)}\n${fault === undefined ? '' : describeFault(fault)}`;

const describeFault = ({ problem, answer }: Fault) =>
  `${answer === undefined ? 'It was not answered.' : `This answer could not be used:\n${fence(answer)}`}\nThe reason: ${problem}\n`;

/** Tokens that the answer to a batch may take: twice what is expected, as far as there is room beside the prompt. */
export function answerLimit<In, Asked>(task: AnyTask<In, Asked>, prompt: string, count: number, room: number): number {
  const wanted = Math.max(LEAST_ANSWER, 2 * count * task.answerTokens);
  return Math.max(Math.min(wanted, LEAST_ANSWER), Math.min(wanted, room - estimate(prompt)));
}

/** The JSON Schema of the answers to `count` inputs. Every number is required, so a grammar leaves none out. */
export function schemaOf<In, Asked>({ asked }: AnyTask<In, Asked>, count: number): string {
  const { $schema: _, ...answer } = z.toJSONSchema(asked);
  const keys = Array.from({ length: count }, (_, index) => String(index + 1));
  const properties = Object.fromEntries(keys.map((key) => [key, { $ref: '#/$defs/answer' }]));
  return JSON.stringify({
    ...{ type: 'object', properties, required: keys, additionalProperties: false },
    $defs: { answer },
  });
}

/** What each input was answered with. Of an answer that was cut off, the answers before the cut count. */
export function readBatch<In, Asked>(
  task: AnyTask<In, Asked>,
  items: readonly Item<In>[],
  text: string,
): Found<Asked>[] {
  const answers = parseObject(text) ?? parseObject(beforeCut(text));
  if (answers === undefined) {
    const fault = { problem: 'it is not JSON, or no object with the numbers as keys', answer: text.slice(0, 500) };
    // Shown once: what was said of one is no answer about another.
    return items.map((_, index) => (index === 0 ? fault : { problem: fault.problem }));
  }
  return items.map(({ input }, index) => check(task, input, answers[String(index + 1)]));
}

function check<In, Asked>({ asked, complaint }: AnyTask<In, Asked>, input: In, answer: unknown): Found<Asked> {
  if (answer === undefined) return { problem: 'its number is missing' };
  const said = JSON.stringify(answer);
  if (someText(answer, isNoText))
    return { problem: 'it has the character NUL, or half of a surrogate pair', answer: said };
  const parsed = asked.safeParse(answer);
  if (!parsed.success) return { problem: z.prettifyError(parsed.error), answer: said };
  const problem = complaint?.(parsed.data, input) ?? null;
  return problem === null ? { asked: parsed.data } : { problem, answer: said };
}

/** PostgreSQL takes no NUL, and neither database half a character: one such answer would end every cycle to come. */
const isNoText = (text: string) => !text.isWellFormed() || text.includes('\0');

function beforeCut(text: string): string {
  const ends = [...text.matchAll(/\}(?=\s*,\s*"\d+"\s*:)/g)];
  return `${text.slice(0, (ends.at(-1)?.index ?? -1) + 1)}}`;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  const found = readJson(text);
  const value = 'value' in found ? found.value : null;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
