import type { GenerateRequest } from '../../llm/model.ts';

/** The numbers that a prompt gives to what it asks about. */
export const numbersOf = (schema = '{}'): string[] => (JSON.parse(schema) as { required?: string[] }).required ?? [];

/** The same answer for each number of a prompt. */
export const forEach = (schema: string | undefined, answer: unknown): string =>
  JSON.stringify(Object.fromEntries(numbersOf(schema).map((number) => [number, answer])));

/** The least that fits, by a field that the task alone asks for; `words` are of the text itself. */
const least: Record<string, (words: string) => object> = {
  importance: () => ({ kind: 'note', importance: 0.5, urgency: 0, arousal: 0, valence: 0, entities: [], gist: '' }),
  title: (title) => ({ title, goal: null, tasks: [], actions: [], outcome: null }),
  category: (content) => ({ content, category: '' }),
  content: (content) => ({ content }),
};

/** Says the least of everything: an importance of a half, and of a text the first words that it begins with. */
export function sayLittle({ schema = '', prompt }: GenerateRequest): string {
  const [, answer = () => ({})] = Object.entries(least).find(([field]) => schema.includes(`"${field}"`)) ?? [];
  const items = prompt.split(/^\d+:$/m).slice(1);
  const words = items.map((item) => /<<<[0-9a-f]{20}\n([^]{1,60})/.exec(item)?.[1]?.replace(/\n[^]*/, '') ?? '');
  return JSON.stringify(Object.fromEntries(words.map((word, index) => [String(index + 1), answer(word)])));
}
