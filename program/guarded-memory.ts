import { z } from 'zod';
import { ConfigurationError } from '../memory/errors.ts';
import type { Memory } from './memory.ts';

type Verb = Exclude<keyof Memory, 'prepare' | 'close'>;

const text = z.string();
const texts = z.array(text);
const narrowed = { agent: text.optional(), asOf: text.optional(), record: z.boolean().optional() };
/** A list, and no text: of that each character would be taken for an id. */
const ids = texts;

/** What the verbs take, by the names of their arguments; what they say of a value themselves is left to them. */
const GIVEN: Readonly<Partial<Record<Verb, Readonly<Record<string, z.ZodType>>>>> = {
  recall: {
    question: text,
    options: z
      .object({
        ...narrowed,
        since: text.optional(),
        until: text.optional(),
        tags: texts.optional(),
      })
      .optional(),
  },
  context: { task: text, options: z.object(narrowed).optional() },
  why: { id: text.min(1), options: z.object({ asOf: text.optional() }).optional() },
  feedback: {
    recallId: text,
    feedback: z.object({ used: texts.optional(), wrong: texts.optional(), asOf: text.optional() }),
  },
  lookUp: { ids },
  forget: { ids },
  restore: { id: text.min(1) },
};

/**
 * A memory that says what is wrong with what it is given, also to programs without types, and takes nothing more once it is closed:
 * `close` waits for what was asked before.
 */
export function guardMemory(memory: Memory): Memory {
  const underWay = new Set<Promise<unknown>>();
  let closing: Promise<void> | undefined;

  function guard<Name extends Verb>(name: Name): Memory[Name] {
    const ask = async (...given: unknown[]): Promise<unknown> => {
      if (closing !== undefined)
        throw new ConfigurationError(`${name}: this memory is closed; open another one with openMemory`);
      check(name, given);
      const found = Reflect.apply(memory[name], memory, given) as Promise<unknown>;
      underWay.add(found);
      try {
        return await found;
      } finally {
        underWay.delete(found);
      }
    };
    return ask as Memory[Name];
  }

  async function close(): Promise<void> {
    await Promise.allSettled(underWay);
    await memory.close();
  }

  return {
    remember: guard('remember'),
    recall: guard('recall'),
    context: guard('context'),
    why: guard('why'),
    feedback: guard('feedback'),
    lookUp: guard('lookUp'),
    forget: guard('forget'),
    restore: guard('restore'),
    workingMemory: guard('workingMemory'),
    lastNight: guard('lastNight'),
    status: guard('status'),
    // Nobody waits for it.
    prepare: () => memory.prepare(),
    close: () => (closing ??= close()),
  };
}

/** @throws ConfigurationError with the argument, what was expected and what came */
function check(verb: Verb, given: readonly unknown[]): void {
  for (const [index, [name, schema]] of Object.entries(GIVEN[verb] ?? {}).entries()) {
    const [issue] = schema.safeParse(given[index]).error?.issues ?? [];
    if (issue === undefined) continue;
    const place = name === 'options' && issue.path.length > 0 ? issue.path : [name, ...issue.path];
    throw new ConfigurationError(`${verb}: ${place.join('.')}: ${issue.message}`);
  }
}
