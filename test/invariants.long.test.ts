import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { STATE_TABLES } from '../activities/forget.tables.ts';
import { runFile } from '../duckdb/statement.ts';
import { makeLab, NIGHT, type Lab, type StepName, type Written } from './support/lab.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 2, 1);
const DAYS = 4;
/** Enough for what is replayed each night to be transferred, and learned from. */
const NIGHTS = DAYS + 5;
const LAST = new Date(START + NIGHTS * DAY + 3 * 3_600_000).toISOString();
const FOLD = new URL('../activities/consolidation.fold-event.sql', import.meta.url);
const WAKING = [
  'ingestMemories',
  'readFeatures',
  'attendMemories',
  'bindEpisodes',
  'describeEpisodes',
] as const satisfies readonly StepName[];
/** Scaling may raise a weight, and REM looks at what it left. */
const TO_SCALING = NIGHT.slice(0, NIGHT.indexOf('scaleAssociations'));
const nightOf = (day: number) => new Date(START + day * DAY + 3 * 3_600_000).toISOString();
vi.setConfig({ testTimeout: 300_000 });
const chance = { seed: 13, numRuns: 6, endOnFailure: true } as const;

/** Memories of two agents over four days, in order of time; some ask, some decide, some say the same. */
const journal = fc
  .array(
    fc.record({
      minute: fc.integer({ min: 0, max: DAYS * 1440 - 1 }),
      agent: fc.constantFrom('ada', 'ben'),
      opening: fc.constantFrom('Decided to move', 'Lost', 'Where is', 'I moved', 'Thanks for', 'Error in'),
      what: fc.constantFrom('the Halifax gate', 'port 8080', 'the Kyoto shop', 'Mara Lindqvist', 'the broker on moss'),
      more: fc.constantFrom('', ' on 3 May', ' for 40 euros', ' again', '?'),
    }),
    { minLength: 12, maxLength: 40 },
  )
  .map((rows): Written[] =>
    rows
      .toSorted((a, b) => a.minute - b.minute)
      .map(({ minute, agent, opening, what, more }, at) => ({
        ...{ id: `m${String(at).padStart(2, '0')}`, at: new Date(START + minute * 60_000).toISOString(), agent },
        content: `${opening} ${what}${more}`,
        // As rules find little in five words, a reader of the tests' own finds enough to transfer and to learn from.
        found: { importance: more === '?' ? 0.2 : 0.9, mentions: [what], gist: `${opening} ${what}${more}` },
      })),
  );

/** Runs a body on a laboratory of its own. */
async function inLab<T>(body: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await makeLab();
  try {
    return await body(lab);
  } finally {
    lab.database.close();
  }
}

/** Each night takes what was written by then; in between some are deleted and some reworded. */
async function liveAll(lab: Lab, memories: readonly Written[], changes: readonly number[] = []): Promise<void> {
  for (let day = 1; day <= NIGHTS; day += 1) {
    const night = nightOf(day);
    await lab.write(...memories.filter(({ at }) => at < night && at >= nightOf(day - 1)));
    const change = changes[day - 1];
    const known = memories.filter(({ at }) => at < night);
    const chosen = change === undefined ? undefined : known[change % Math.max(1, known.length)];
    if (chosen !== undefined && (change ?? 0) % 2 === 0) await lab.erase(chosen.id);
    if (chosen !== undefined && (change ?? 0) % 2 === 1)
      await lab.write({ ...chosen, content: `${chosen.content ?? ''}, in other words`, updated: night });
    await lab.live(night);
  }
}
const changes = fc.array(fc.nat({ max: 1000 }), { minLength: NIGHTS, maxLength: NIGHTS });

const event = fc.record({
  memory: fc.nat({ max: 4 }),
  hours: fc.nat({ max: 2000 }),
  kind: fc.constantFrom('recall', 'restudy', 'replay'),
  grade: fc.integer({ min: 1, max: 4 }),
});

test('events folded in any parts give the same traces, bit by bit', async () => {
  await inLab(async (lab) => {
    const fold = async (events: readonly string[], cuts: readonly number[]) => {
      await lab.rows('delete from event');
      await lab.rows('delete from trace');
      for (const [at, cut] of cuts.entries()) {
        const part = events.slice(cuts[at - 1] ?? 0, cut);
        if (part.length > 0)
          await lab.rows(
            `insert into event (event_id, memory_id, ts, kind, grade, schema_fit, cycle_id) values ${part.join()}`,
          );
        await lab.database.use((connection) => runFile(connection, FOLD, { as_of: '2027-01-01T00:00:00Z' }));
      }
      return lab.rows('select * exclude (changed_at) from trace order by memory_id');
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat({ max: 64 })),
        async (drawn, at) => {
          const encoded = [0, 1, 2, 3, 4].map((memory) => ({ memory, hours: 0, kind: 'encode', grade: 3 }));
          const events = [...encoded, ...drawn.toSorted((a, b) => a.hours - b.hours)].map(
            ({ memory, hours, kind, grade }, id) =>
              `(${String(id + 1)}, 'm${String(memory)}', timestamp '2026-03-01' + to_hours(${String(hours)}), '${kind}', ${String(grade)}, null, 'c')`,
          );
          const cuts = [...at.filter((cut) => cut < events.length).toSorted((a, b) => a - b), events.length];
          expect(await fold(events, cuts)).toEqual(await fold(events, [events.length]));
        },
      ),
      { seed: 13, numRuns: 60 },
    );
  });
});

test('memories bound in any parts, as they come, are read, attended and bound as all at once', async () => {
  const seen = async (lab: Lab) => [
    await lab.rows('select * exclude (changed_at) from feature order by all'),
    await lab.rows('select * from mention order by all'),
    await lab.rows('select * exclude (changed_at) from working_memory order by all'),
    await lab.rows('select * from episode_member order by all'),
    await lab.rows('select * exclude (changed_at) from episode order by all'),
  ];
  await fc.assert(
    fc.asyncProperty(journal, fc.array(fc.nat({ max: 40 }), { maxLength: 5 }), async (memories, at) => {
      const cuts = [...at.filter((cut) => cut < memories.length).toSorted((a, b) => a - b), memories.length];
      const inParts = await inLab(async (lab) => {
        for (const [place, cut] of cuts.entries()) {
          const part = memories.slice(cuts[place - 1] ?? 0, cut);
          if (part.length === 0) continue;
          await lab.write(...part);
          await lab.live(part.at(-1)?.at ?? '', WAKING);
        }
        await lab.live(nightOf(DAYS), WAKING);
        return seen(lab);
      });
      const atOnce = await inLab(async (lab) => {
        await lab.write(...memories);
        await lab.live(nightOf(DAYS), WAKING);
        return seen(lab);
      });
      expect(inParts).toEqual(atOnce);
    }),
    chance,
  );
});

/** Talk of one agent, in which subjects change, some with a goal, and some minutes of silence are longer than half an hour. */
const talk = fc
  .array(
    fc.record({
      pause: fc.constantFrom(0, 1, 2, 5, 31),
      what: fc.constantFrom('the Halifax gate', 'the Kyoto shop'),
      run: fc.integer({ min: 1, max: 5 }),
      isGoal: fc.boolean(),
    }),
    { minLength: 4, maxLength: 14 },
  )
  .map((subjects): Written[] => {
    let minute = 0;
    return subjects.flatMap(({ pause, what, run, isGoal }, subject) =>
      Array.from({ length: run }, (_, place) => {
        minute += place === 0 ? pause : 1;
        return {
          ...{
            id: `m${String(subject).padStart(2, '0')}${String(place)}`,
            agent: 'ada',
            content: `${what} ${String(subject)} ${String(place)}`,
          },
          at: new Date(START + minute * 60_000).toISOString(),
          found: { mentions: [what], kind: isGoal && place === 0 ? ('goal' as const) : ('note' as const) },
        };
      }),
    );
  });

/** The runs of memories without half an hour of silence, in words. */
function sessionsOf(memories: readonly Written[]): string[] {
  const runs: string[][] = [];
  const sorted = memories.toSorted((a, b) => (a.at + a.id < b.at + b.id ? -1 : 1));
  for (const [place, { id, at }] of sorted.entries()) {
    const silence = place === 0 ? Infinity : Date.parse(at) - Date.parse(sorted[place - 1]?.at ?? '');
    if (silence > 30 * 60_000) runs.push([]);
    runs.at(-1)?.push(id);
  }
  return runs.map((run) => run.join(' '));
}

const inSessions = (lab: Lab) =>
  lab.list(`select string_agg(memory_id, ' ' order by created_at, memory_id)
    from memory join episode_member using (memory_id) join episode using (episode_id) group by session_id order by min(created_at), 1`);

test('silences alone make sessions, and no session of several memories has an episode of one, whatever comes late, is reworded or deleted, a whole session too', async () => {
  let inner = 0;
  const bound = async (lab: Lab, memories: readonly Written[]) => {
    expect(await inSessions(lab)).toEqual(sessionsOf(memories));
    const sizes = `select s.size, e.size as own, s.first = e.session_id as named, e.boundary in ('first', 'silence') as opens
      from episode e join (select session_id, sum(size)::int as size, arg_min(episode_id, started_at) as first from episode group by 1) s
      using (session_id)`;
    const rows = await lab.rows(sizes);
    inner += rows.filter(({ opens }) => opens === false).length;
    expect(rows.filter(({ size, own }) => own === 1 && size !== 1)).toEqual([]);
    return lab.rows(
      'select e.* exclude (changed_at), list(memory_id order by position) as members from episode e join episode_member using (episode_id) group by all order by all',
    );
  };
  await fc.assert(
    fc.asyncProperty(
      talk,
      fc.func(fc.nat()),
      fc.array(fc.nat({ max: 60 }), { minLength: 3, maxLength: 3 }),
      fc.option(fc.nat({ max: 14 })),
      async (memories, key, chosen, whole) => {
        const arriving = memories.toSorted((a, b) => key(a.id) - key(b.id));
        const sessions = sessionsOf(memories);
        const session = whole === null ? '' : (sessions[whole % sessions.length] ?? '');
        const gone = new Set([
          ...chosen.map((place) => memories[place % memories.length]?.id ?? ''),
          ...session.split(' '),
        ]);
        const left = memories.filter(({ id }) => !gone.has(id));
        const lived = await inLab(async (lab) => {
          for (let place = 0; place < arriving.length; place += 7) {
            const updated = nightOf(place + 1);
            await lab.write(...arriving.slice(place, place + 7).map((memory) => ({ ...memory, updated })));
            await lab.live(nightOf(place + 2), WAKING);
          }
          const all = await bound(lab, memories);
          await lab.erase(...gone);
          await lab.live(nightOf(arriving.length + 3), WAKING);
          return [all, await bound(lab, left)];
        });
        const atOnce = [memories, left].map((some) =>
          inLab(async (lab) => {
            await lab.write(...some);
            await lab.live(nightOf(DAYS), WAKING);
            return bound(lab, some);
          }),
        );
        expect(lived).toEqual(await Promise.all(atOnce));
      },
    ),
    chance,
  );
  expect(inner).toBeGreaterThan(10);
});

/** What a night makes of memories, save for what tells which cycle made it. */
const nightly = async (lab: Lab) => [
  await lab.rows('select memory_id, tag, ready_for_consolidation, why from readiness order by all'),
  await lab.rows('select memory_id, ts, kind, grade, schema_fit from event order by all'),
  await lab.rows('select memory_id, stability, difficulty, s_c from trace order by all'),
  await lab.rows('select memory_id, fate, why, since from fate order by all'),
  await lab.rows('select semantic_gist from gist order by all'),
  await lab.rows('select theme, content from insight order by all'),
];

/** What differs is the weight of a link: its entity is as rare as it was in the cycle that found it. */
test('memories that came in any parts sleep as those that came at once, and have the same links', async () => {
  const read = async (lab: Lab) => ({
    night: await nightly(lab),
    links: await lab.rows('select src, dst, made_by, co_activation_count from association order by all'),
  });
  await fc.assert(
    fc.asyncProperty(journal, fc.array(fc.nat({ max: 40 }), { maxLength: 5 }), async (memories, at) => {
      const cuts = at.filter((cut) => cut < memories.length).toSorted((a, b) => a - b);
      const inParts = await inLab(async (lab) => {
        for (const [place, cut] of cuts.entries()) {
          const part = memories.slice(cuts[place - 1] ?? 0, cut);
          if (part.length === 0) continue;
          await lab.write(...part);
          await lab.live(part.at(-1)?.at ?? '', WAKING);
        }
        await lab.write(...memories);
        await lab.live(nightOf(DAYS), TO_SCALING);
        return read(lab);
      });
      const atOnce = await inLab(async (lab) => {
        await lab.write(...memories);
        await lab.live(nightOf(DAYS), TO_SCALING);
        return read(lab);
      });
      expect(inParts).toEqual(atOnce);
    }),
    chance,
  );
});

test('any order in which rows arrive between two nights gives the same state', async () => {
  await fc.assert(
    fc.asyncProperty(journal, fc.func(fc.nat()), async (memories, key) => {
      const states = [memories, memories.toSorted((a, b) => key(a.id) - key(b.id))].map((order) =>
        inLab(async (lab) => {
          await liveAll(lab, order);
          return lab.state();
        }),
      );
      const [first, second] = await Promise.all(states);
      expect(second).toEqual(first);
    }),
    chance,
  );
});

test('running any step of a night once more changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(journal, changes, fc.constantFrom(...NIGHT), async (memories, changed, step) => {
      await inLab(async (lab) => {
        await liveAll(lab, memories, changed);
        const state = await lab.state();
        await lab.run(step, LAST);
        expect(await lab.state()).toEqual(state);
      });
    }),
    chance,
  );
});

/**
 * Steps that do their work once more where the ledger does not say that it is done, which is written with their work, or neither is; and the
 * one that looks at links which scaling has changed since.
 */
const KEPT_BY_LEDGER: readonly StepName[] = ['consolidateTraces', 'scaleAssociations', 'integrateNetwork'];

test('a step of a night that runs again although the ledger has lost it changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(journal, changes, async (memories, changed) => {
      await inLab(async (lab) => {
        await liveAll(lab, memories, changed);
        const { ledger: _, ...state } = await lab.state();
        for (const step of NIGHT.filter((each) => !KEPT_BY_LEDGER.includes(each))) {
          await lab.rows(`delete from ledger where step = '${step}'`);
          await lab.run(step, LAST, undefined, { everyRow: true });
          const { ledger: _, ...now } = await lab.state();
          expect(now, step).toEqual(state);
        }
      });
    }),
    chance,
  );
});

test('a night strengthens no memory that has no event of it, and no link whose ends were not active together in it', async () => {
  const strengthsOf = (lab: Lab, night: string) =>
    lab.rows(`select memory_id as name, stability, s_c as least, (select count(*)::int from event e where e.memory_id = t.memory_id) as n
      from trace t
      union all select src || ' ' || dst, 0, w, (select count(*)::int from coactivation c where c.src = a.src and c.dst = a.dst)
      from association_at('${night}') a`);
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(journal, async (memories) => {
      await inLab(async (lab) => {
        for (let day = 1; day <= NIGHTS; day += 1) {
          const night = nightOf(day);
          await lab.write(...memories.filter(({ at }) => at < night && at >= nightOf(day - 1)));
          const before = new Map((await strengthsOf(lab, night)).map((row) => [row['name'] as string, row]));
          await lab.live(night, TO_SCALING);
          for (const after of await strengthsOf(lab, night)) {
            const name = after['name'] as string;
            const { n, stability, least } = before.get(name) ?? {};
            if (n !== after['n']) continue;
            compared += 1;
            expect([name, after['stability']]).toEqual([name, stability]);
            expect(after['least'], name).toBeLessThanOrEqual((least as number) + 1e-12);
          }
          await lab.live(night, NIGHT.slice(TO_SCALING.length));
        }
      });
    }),
    chance,
  );
  expect(compared).toBeGreaterThan(100);
});

test('without an event no strength and no weight rises, however long one waits', async () => {
  await fc.assert(
    fc.asyncProperty(
      journal,
      fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 2, maxLength: 8 }),
      async (memories, hours) => {
        await inLab(async (lab) => {
          await liveAll(lab, memories);
          const times = hours
            .toSorted((a, b) => a - b)
            .map((each) => new Date(Date.parse(LAST) + each * 3_600_000).toISOString());
          for (const [at, later] of times.entries()) {
            const earlier = times[at - 1] ?? LAST;
            const rose = `select memory_id from trace_at('${earlier}') a join trace_at('${later}') b using (memory_id)
              where b.retrievability > a.retrievability or b.s_h > a.s_h or b.s_c > a.s_c or b.stability <> a.stability
            union all select a.src from association_at('${earlier}') a join association_at('${later}') b using (src, dst) where b.w > a.w`;
            expect(await lab.rows(rose)).toEqual([]);
          }
        });
      },
    ),
    chance,
  );
});

/** What a column of the state holds, as a condition that its rows keep. */
const RANGES = {
  association: [
    'w between 0 and 1',
    'co_activation_count >= 0',
    'src <> dst',
    'first_w between 0 and 1',
    'first_step >= 0',
  ],
  weight_step: ['step > 0', `(kind = 'scale') = (factor > 0 and spared between 0 and 1)`],
  feature: [
    'importance between 0 and 1',
    'urgency between 0 and 1',
    'arousal between 0 and 1',
    'valence between -1 and 1',
  ],
  working_memory: [
    'recency_weight between 0 and 1',
    'novelty between 0 and 1',
    'attention_priority between 0 and 1',
    'capacity between 5 and 9',
  ],
  readiness: ['tag between 0 and 1'],
  network: ['centrality between 0 and 1', 'degree > 0'],
  coactivation: ['activation between 0 and 1'],
  distant_association: ['distance between 0 and 1', 'creative_score between 0 and 1'],
  supersession: ['score between 0 and 1'],
} as const;

describe('after any nights, with rows deleted and reworded between them,', () => {
  const learned: unknown[] = [];
  const after = async (check: (lab: Lab) => Promise<void>) => {
    await fc.assert(
      fc.asyncProperty(journal, changes, (memories, changed) =>
        inLab(async (lab) => {
          await liveAll(lab, memories, changed);
          learned.push(...(await lab.list('select gist_id from gist union all select insight_id from insight')));
          await check(lab);
        }),
      ),
      chance,
    );
    // A law of empty tables would say nothing.
    expect(learned.length).toBeGreaterThan(0);
  };

  test('every number is finite and within its range', () =>
    after(async (lab) => {
      const columns = await lab.rows(
        `select table_name, column_name from duckdb_columns() where database_name = current_database() and schema_name = current_schema()
           and data_type in ('DOUBLE', 'FLOAT') and not internal`,
      );
      expect(columns.length).toBeGreaterThan(10);
      for (const { table_name: table, column_name: column } of columns)
        expect(
          await lab.list(`select "${String(column)}" from "${String(table)}" where not isfinite("${String(column)}")`),
          String(table),
        ).toEqual([]);
      for (const [table, conditions] of Object.entries(RANGES))
        for (const condition of conditions)
          expect(await lab.rows(`from ${table} where not (${condition})`), condition).toEqual([]);
      const traces = `from trace_at('${LAST}') where not (retrievability between 0 and 1 and stability between 0.001 and 36500
        and difficulty between 1 and 10 and s_h between 0 and 1 and s_c between 0 and 1)`;
      expect(await lab.rows(traces)).toEqual([]);
    }));

  test('all of it folded again with the same parameters gives the same traces and weights, bit by bit', () =>
    after(async (lab) => {
      const read = async () => [
        await lab.rows('select * exclude (changed_at) from trace order by memory_id'),
        await lab.rows('select * exclude (changed_at) from association order by src, dst'),
      ];
      const before = await read();
      await lab.rows(`update setting set value = '{"parameters": {}, "cycle": "", "counts": {}}' where name = 'fold'`);
      const asOf = new Date(Date.parse(LAST) + 3_600_000).toISOString();
      expect(await lab.run('consolidateTraces', asOf)).toMatchObject({ refolded: expect.any(Number) as number });
      expect(await read()).toEqual(before);
    }));

  test('everything derived rests on memories that were written, and nothing names a row that is gone', () =>
    after(async (lab) => {
      const dangling = async (table: string, column: string, of: string) =>
        expect(
          await lab.rows(`select ${column} from ${table} where ${column} not in (${of})`),
          `${table}.${column}`,
        ).toEqual([]);
      const columns = await lab.rows(
        `select table_name, column_name from duckdb_columns() where database_name = current_database() and schema_name = current_schema()
           and column_name in ('memory_id', 'src', 'dst', 'newer', 'older', 'episode_id', 'gist_id', 'insight_id') and not internal`,
      );
      const tables = new Set(
        Object.keys(STATE_TABLES).filter((table) => table !== 'rejected_row' && table !== 'recall_feedback'),
      );
      for (const { table_name: table, column_name: column } of columns) {
        const kind = /^(?<kind>episode|gist|insight)_id$/.exec(String(column))?.groups?.['kind'];
        if (tables.has(String(table)))
          await dangling(
            String(table),
            String(column),
            kind === undefined ? 'select memory_id from raw_memory' : `select ${kind}_id from ${kind}`,
          );
      }
      // What stands for several memories has one at least, and what is told of the living rests on the living.
      for (const kind of ['episode', 'gist', 'insight'])
        await dangling(kind, `${kind}_id`, `select ${kind}_id from ${kind}_member`);
      for (const table of ['episode_member', 'network', 'gist_member', 'insight_member'])
        await dangling(table, 'memory_id', 'select memory_id from memory');
    }));
});
