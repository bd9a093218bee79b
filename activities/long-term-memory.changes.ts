import { z } from 'zod';
import { CHANGES, findRestatement, readStatements, weighShared, type Statement } from '../text/restatement.ts';
import { numberOf } from '../text/terms.ts';
import { valueKinds } from '../text/values.ts';
import { readTexts } from './publish.ts';
import { readCounts, type Step, type StepContext } from './step.ts';

const changedRows = z.array(z.object({ memory_id: z.string(), content: z.string() }));
const pairRows = z.array(
  z.object({ newer: z.string(), older: z.string(), content: z.string(), cosine: z.number().nullable() }),
);
const termRows = z.array(z.object({ term: z.number(), memories: z.number(), total: z.number() }));

/** Raised when other pairs are found in the same texts. */
const MADE_BY = 'rules#2';
/** Memories looked at in one chunk; a chunk commits by itself. */
const CHUNK = 1_000;
/**
 * Kin from which on one of them restates the other. On the sample 13 pairs have so much, all right as read by a person, of which its
 * questions know 10; from 1.3 on 17, of which 14 are right; where a conversation was measured by another detector of this kind, a fifth to two fifths were.
 */
const LEAST_KIN = 1.6;

interface Supersession {
  readonly newer: string;
  readonly older: string;
  readonly sentence: string;
  readonly score: number;
  readonly made_by: string;
}

/**
 * Finds what the new memories restate: a sentence that says that something has changed, with a value in place of one of an earlier
 * memory that it is linked to. Each replaces one earlier memory. Reads what is new, and of each at most the links that a memory may have.
 */
export const linkChanges: Step = {
  name: 'linkChanges',
  prepare: async (context) => {
    const { run, commit, signal } = context;
    // For how rare a word is, the new memories count as well.
    await readTexts(context);
    await run('long-term-memory.stage-changed');
    await commit(() => run('long-term-memory.drop-supersession'));
    for (let after: string | undefined = ''; after !== undefined;) {
      signal.throwIfAborted();
      const rows = changedRows.parse(await run('long-term-memory.select-changed', { after, limit: CHUNK }));
      const found = await findAll(context, rows);
      await commit(() => run('long-term-memory.write-supersession', { rows: JSON.stringify(found) }));
      after = rows.at(-1)?.memory_id;
    }
  },
  finish: async ({ run }) => readCounts(await run('long-term-memory.count-supersession')),
};

async function findAll({ run }: StepContext, rows: z.infer<typeof changedRows>): Promise<Supersession[]> {
  const changing = new Map(
    rows.flatMap(({ memory_id: id, content }) => {
      const statements = readStatements(content).filter(({ change, values }) => change >= CHANGES && values.length > 0);
      return statements.length === 0 ? [] : [[id, statements] as const];
    }),
  );
  if (changing.size === 0) return [];
  const pairs = pairRows.parse(
    await run('long-term-memory.select-restated', { ids: JSON.stringify([...changing.keys()]) }),
  );
  const weigh = await openWeights(run, [...changing.values()].flat());
  const older = new Map(pairs.map(({ older, content }) => [older, content]));
  const read = new Map(Array.from(older, ([id, content]) => [id, readStatements(content)]));
  const found = Array.from(changing, ([newer, statements]) => {
    const linked = pairs.filter((pair) => pair.newer === newer);
    return statements.flatMap((statement) => findBest(statement, linked, read, weigh) ?? []);
  }).flat();
  // Of two sentences that restate one memory the better one.
  return [
    ...new Map(found.sort((a, b) => a.score - b.score).map((each) => [`${each.newer} ${each.older}`, each])).values(),
  ];
}

function findBest(
  statement: Statement,
  pairs: z.infer<typeof pairRows>,
  read: ReadonlyMap<string, readonly Statement[]>,
  weigh: (term: string) => number,
): Supersession | undefined {
  let best: Supersession | undefined;
  for (const { newer, older, cosine } of pairs) {
    const found = findRestatement(read.get(older) ?? [], [statement], { weigh, cosine, kinds: valueKinds });
    if (found?.value === undefined || found.kin < Math.max(LEAST_KIN, best?.score ?? 0)) continue;
    best = { newer, older, sentence: found.sentence, score: found.kin, made_by: MADE_BY };
  }
  return best;
}

/** What each word of some statements weighs among the memories that there are. */
async function openWeights(run: StepContext['run'], statements: readonly Statement[]) {
  const numbers = new Set(statements.flatMap(({ terms }) => Array.from(terms, numberOf)));
  const rows = termRows.parse(await run('long-term-memory.count-term', { terms: JSON.stringify([...numbers]) }));
  const memories = new Map(rows.map((row) => [row.term, row.memories]));
  const total = rows[0]?.total ?? 0;
  return (term: string) => weighShared(memories.get(numberOf(term)) ?? 0, total);
}
