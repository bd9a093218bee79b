import type { Line } from './scripted-model.ts';

const empty: Record<string, object> = {
  importance: { kind: 'note', importance: 0.5, urgency: 0, arousal: 0, valence: 0, entities: [], gist: '' },
  title: { title: 'note', goal: null, tasks: [], actions: [], outcome: null },
  category: { content: 'note', category: 'note' },
  content: { content: 'note' },
};

/** The numbers that a prompt gives to what it asks about. */
export const numbersOf = (schema = '{}'): string[] => (JSON.parse(schema) as { required?: string[] }).required ?? [];

/** The same answer for each number of a prompt. */
export const forEach = (schema: string | undefined, answer: unknown): string =>
  JSON.stringify(Object.fromEntries(numbersOf(schema).map((number) => [number, answer])));

/** Says of everything the least that fits: four letters that no check takes for an invention, an importance of a half. */
export const sayLittle: Line = ({ schema = '' }) => {
  const field = Object.keys(empty).find((name) => schema.includes(`"${name}"`)) ?? 'content';
  return forEach(schema, empty[field]);
};
