import type { GenerateRequest } from '../../llm/model.ts';

/** The texts of a prompt in their order, each as it stands in its first fence. */
function textsOf(prompt: string): string[] {
  const items = prompt.split(/^\d+:$/m).slice(1);
  return items.map((item) => /<<<([0-9a-f]{20})\n([^]*?)\n\1>>>/.exec(item)?.[2] ?? '');
}

/** All fields of a task's answer, by a field that it alone asks for: the text itself, and what is to be believed besides. */
const everywhere: Record<string, (text: string, more: string) => object> = {
  importance: (text, more) => ({
    ...{ kind: 'goal', importance: 0.5, urgency: 0, arousal: 0, valence: 0, gist: `${text} ${more}`.slice(0, 280) },
    entities: ['person', 'date', 'code', 'term']
      .flatMap((type) =>
        [more, ...(more.match(/[\p{L}\p{N}][\p{L}\p{N}.,:/-]*/gu) ?? [])].map((label) => ({
          label: label.slice(0, 80),
          type,
        })),
      )
      .slice(0, 24),
  }),
  title: (text, more) => {
    const line = `${text.slice(0, 200)} ${more}`.slice(0, 280);
    return {
      title: `${text.slice(0, 30)} ${more}`.slice(0, 80),
      goal: line,
      tasks: [line],
      actions: [line, more],
      outcome: line,
    };
  },
  category: (text, more) => ({ content: `${text.slice(0, 300)} ${more}`.slice(0, 600), category: more.slice(0, 60) }),
  content: (text, more) => ({ content: `${text.slice(0, 300)} ${more}`.slice(0, 900) }),
};

/** An answer of the right shape that says, in every field and about every text, the text's own words and `more`. */
export function smuggle({ schema = '', prompt }: GenerateRequest, more: string): string {
  const [, answer = () => ({})] = Object.entries(everywhere).find(([field]) => schema.includes(`"${field}"`)) ?? [];
  return JSON.stringify(
    Object.fromEntries(textsOf(prompt).map((text, index) => [String(index + 1), answer(text, more)])),
  );
}
