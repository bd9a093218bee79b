import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { rehearseSteps, runStep, type Dependencies, type Step } from '../../activities/step.ts';
import { runText } from '../../duckdb/statement.ts';
import { rules } from '../../llm/rules.ts';
import { makeProfile, openDatabase, query } from '../support/database.ts';
import { makeEnvironment } from '../support/lab.ts';
import { scriptModel, type Line } from '../support/scripted-model.ts';

const INPUT = { asOf: '2026-03-02T03:00:00.000Z', dryRun: false, limits: {} };

/** First a chunk that commits by itself, then the rest, each with answers of a model. */
const asking: Step = {
  name: 'asking',
  prepare: ({ connection, commit }) =>
    commit(async () => {
      await runText(connection, 'chunk', `insert into answer select 0, llm_generate('chunk')`);
    }),
  settle: async ({ connection }) => {
    const rows = `insert into answer select i + 1, llm_generate(llm_generate('row ' || i)) from range(3) r(i)`;
    const [{ Count = 0 } = {}] = await runText(connection, 'rows', rows);
    return { answered: Number(Count) };
  },
};

async function open(line?: Line) {
  const profile = makeProfile();
  const model = scriptModel(line, 4);
  const database = await openDatabase(profile, model);
  await query(database, 'create table answer (i integer, text varchar not null)');
  return {
    model,
    database,
    dependencies: { profile, database, llm: rules, embedder: null } as unknown as Dependencies,
  };
}

test('a step whose SQL asks a model takes effect once, and a second run asks and changes nothing', async () => {
  const { model, database, dependencies } = await open();
  const run = () => makeEnvironment().run((input) => runStep(dependencies, asking, input), INPUT);
  const counts = await run();
  expect(counts).toMatchObject({ answered: 3, model_calls: 7, model_prompt_tokens: expect.any(Number) });
  const rows = await query(database, 'from answer order by i');
  expect(rows.map(({ text }) => text)).toEqual(['<chunk>', '<<row 0>>', '<<row 1>>', '<<row 2>>']);
  const asked = model.asked.length;
  expect(await run()).toEqual(counts);
  expect([await query(database, 'from answer order by i'), model.asked.length]).toEqual([rows, asked]);
});

test('a rehearsal counts the same and leaves nothing but the answers', async () => {
  const { model, database, dependencies } = await open();
  const rehearsal = await makeEnvironment().run((input) => rehearseSteps(dependencies, [asking], input), INPUT);
  expect(rehearsal).toEqual({ asking: { answered: 3 } });
  expect(await query(database, 'from answer')).toEqual([]);
  const asked = model.asked.length;
  const counts = await makeEnvironment().run((input) => runStep(dependencies, asking, input), INPUT);
  expect(model.asked.length).toBe(asked);
  expect(counts).toEqual({ answered: 3, model_cached: 7, model_hit_rate: 1 });
});

test('while a statement waits for a model the activity beats', async () => {
  const environment = makeEnvironment();
  // No answer comes before a beat: were the event loop held up, none would ever.
  const beat = new Promise((resolve) => environment.once('heartbeat', resolve));
  const { dependencies } = await open(async ({ prompt }) => {
    await beat;
    return prompt;
  });
  const counts = await environment.run((input) => runStep(dependencies, asking, input), INPUT);
  expect(counts).toMatchObject({ answered: 3 });
});

test('cancelling the activity ends the calls under way; what was committed before stays', async () => {
  const environment = makeEnvironment();
  const { database, dependencies } = await open(async ({ prompt }, signal) => {
    if (prompt === 'chunk') return 'done';
    environment.cancel();
    await setTimeout(30_000, undefined, { signal });
    return 'too late';
  });
  const running = environment.run((input) => runStep(dependencies, asking, input), INPUT);
  await expect(running).rejects.toMatchObject({ name: 'CancelledFailure' });
  expect(await query(database, 'from answer')).toEqual([{ i: 0, text: 'done' }]);
});
