import { featuresTask } from '../../activities/working-memory.features.prompt.ts';
import type { GenerateRequest } from '../../llm/model.ts';
import { createReader } from '../../llm/reader.ts';
import { forEach } from './scripted-answers.ts';
import { scriptModel, type Line } from './scripted-model.ts';

export const signal = new AbortController().signal;
export const note = (content: string, tags: string[] = []) => ({
  ...{ content, tags, createdAt: '2026-03-04T10:00:00Z', timezone: 'UTC' },
});
export const plain = note('Met Ivo at the harbour; the crane is repaired.');
export const fallback = featuresTask.fallback(plain);

/** What a sensible model would say of `plain`. */
export const sensible = {
  ...{ kind: 'note', importance: fallback.importance + 0.1, urgency: 0, arousal: 0, valence: 0.2 },
  entities: [{ label: 'Ivo', type: 'person' }],
  gist: 'the crane is repaired',
};

export function open(line: Line, parallel?: number) {
  const lines: string[] = [];
  const model = scriptModel(line, parallel);
  return { model, lines, reader: createReader(model, (text) => void lines.push(text)) };
}

/** The sensible answer, whatever is asked about. */
export const sensibly = ({ schema }: GenerateRequest) => forEach(schema, sensible);

export const one = async (line: Line, input = plain) => {
  const { model, lines, reader } = open(line);
  const [answer] = await reader.answerMany(featuresTask, [input], signal);
  return { model, lines, value: answer?.value, madeBy: answer?.madeBy };
};
