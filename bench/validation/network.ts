import { fileURLToPath } from 'node:url';
import { findCommunities, type Link } from '../../activities/communities.ts';
import type { Database } from '../../duckdb/database.ts';
import { runFile } from '../../duckdb/statement.ts';
import { parameterTable } from '../../memory/parameters.ts';
import { readVersions, type Lab } from '../lab.ts';
import { createRandom } from '../random.ts';
import { digits, judge, numbers, valuesOf, type Found, type Target } from './target.ts';

const fileOf = (name: string) => new URL(`../../activities/${name}.sql`, import.meta.url);
const SAMPLE = fileURLToPath(new URL('../../sample/journal.jsonl', import.meta.url));

/** V18, V19 and V22: what nights find in the network. */
export async function validateNetwork({ database, write, live }: Lab): Promise<Found> {
  return {
    targets: [
      await validateNeed(database),
      ...(await validateCommunities(database)),
      await validateDistance({ database, write, live }),
    ],
  };
}

/** So many nodes with six links each, of weights that differ. */
function makeLinks(count: number, seed: number): Link[] {
  const random = createRandom(seed);
  return Array.from({ length: count * 3 }, (_, at) => ({
    ...{
      a: `n${String(at % count)}`,
      b: `n${String((at + 1 + Math.floor(random() * (count - 2))) % count)}`,
      w: 0.1 + 0.8 * random(),
    },
  })).filter(({ a, b }) => a !== b);
}

/** The need of each of 200 memories, as the statement has it, and by the series of the successor representation, (1 - γ) Σ (γT)^k. */
async function validateNeed(database: Database): Promise<Target> {
  const count = 200;
  const links = [...new Map(makeLinks(count, 18).map((link) => [[link.a, link.b].sort().join(), link])).values()];
  const directed = links.flatMap(({ a, b, w }) => [[a, b, w] as const, [b, a, w] as const]);
  const needs = await database.use(async (connection) => {
    await connection.run('begin');
    await connection.run(`insert into raw_memory by name select 'n' || i as memory_id, 'ada' as agent, 'text' as content, [] as tags, i as content_hash,
        timestamp '2026-03-01' as created_at, created_at as updated_at, created_at as changed_at from range(${String(count)}) r(i);
      insert into feature by name select memory_id, content_hash, 'note' as kind, 0.5 as importance, 0 as urgency, 0 as arousal, 0 as valence,
        '' as gist, [] as dates, 'test' as made_by, changed_at from raw_memory;
      insert into readiness by name select memory_id, 0 as tag, true as ready_for_consolidation, 'important' as why, changed_at from raw_memory;
      insert into event by name select row_number() over () as event_id, memory_id, created_at as ts, 'encode' as kind, 3 as grade, 'c' as cycle_id from raw_memory;
      insert into working_memory by name select memory_id, agent, created_at as window_start, 1 as recency_weight, 0 as novelty, 1 as attention_priority,
        case when memory_id = 'n0' then 1 end as wm_slot, 7 as capacity, created_at as changed_at from raw_memory;
      insert into association by name select src, dst, w, 1 as co_activation_count, timestamp '2026-03-02' as last_at, timestamp '2026-03-02' as changed_at
        from (values ${valuesOf(directed)}) v(src, dst, w);`);
    // Of these a statement takes what it names.
    const bound = { as_of: '2026-03-02T00:00:00Z', night: '2026-03-02T00:00:00Z', known_event: null, replays: count };
    await runFile(connection, fileOf('consolidation.fold-event'), bound);
    await runFile(connection, fileOf('consolidation.select-replay'), bound);
    const rows = await connection.runAndReadAll(
      `select substr(memory_id, 2)::int as place, (value / replay_gain(0.5, stability, difficulty, idle, replay_horizon_days())
          - need_centrality_share() * centrality_restart() / ${String(count)}) / (1 - need_centrality_share()) as need,
         ppr_damping() as damping, ppr_steps() as steps
       from replay join trace_at('2026-03-02') using (memory_id)`,
    );
    await connection.run('rollback');
    return rows.getRowObjectsJS();
  });
  const damping = Number(needs[0]?.['damping']);
  const steps = Number(needs[0]?.['steps']);
  const exact = walk(directed, { count, damping, steps });
  const most = Math.max(...needs.map(({ place, need }) => Math.abs(Number(need) - (exact[Number(place)] ?? 0))));
  const mass = needs.reduce((sum, { need }) => sum + Number(need), 0);
  const left = damping ** (steps + 1);
  return judge({
    ...{
      id: 'V18',
      what: 'need is the row of the successor representation',
      source: 'Dayan 1993; consolidation.select-replay.sql',
    },
    published: `(1 - γ) Σ (γT)^k, of mass 1 - γ^${String(steps + 1)} = ${digits(1 - left, 4)} after ${String(steps)} steps`,
    ours: `mass ${digits(mass, 4)}, each of 200 ${most < 1e-6 ? 'as the dense series' : `off by up to ${digits(most, 5)}`}`,
    tolerance: '1e-6',
    holds: needs.length === count && Math.abs(mass - (1 - left)) < 1e-6 && most < 1e-6,
  });
}

interface Walk {
  readonly count: number;
  readonly damping: number;
  readonly steps: number;
}

/** The series from node 0, in dense vectors. */
function walk(directed: readonly (readonly [string, string, number])[], { count, damping, steps }: Walk): number[] {
  const place = (id: string) => Number(id.slice(1));
  const strength = Array<number>(count).fill(0);
  for (const [src, , w] of directed) strength[place(src)] = (strength[place(src)] ?? 0) + w;
  let mass: number[] = Array.from({ length: count }, (_, at) => (at === 0 ? 1 : 0));
  const sum = mass.map((each) => (1 - damping) * each);
  for (let step = 0; step < steps; step += 1) {
    const next = Array<number>(count).fill(0);
    for (const [src, dst, w] of directed)
      next[place(dst)] =
        (next[place(dst)] ?? 0) + (damping * (mass[place(src)] ?? 0) * w) / (strength[place(src)] ?? 1);
    next.forEach((each, at) => (sum[at] = (sum[at] ?? 0) + (1 - damping) * each));
    mass = next;
  }
  return sum;
}

const [PLANTED, GROUP] = [20_000, 50];
const nameOf = (node: number) => `n${String(node).padStart(5, '0')}`;

/** Groups of fifty: of each memory five links within its group, and one to any other memory. */
function plant(memories: number): Link[] {
  const random = createRandom(19);
  const links = new Map<string, Link>();
  const join = (x: number, y: number) => {
    const [a, b] = [nameOf(Math.min(x, y)), nameOf(Math.max(x, y))];
    if (a !== b) links.set(`${a} ${b}`, { a, b, w: 0.2 + random() / 2 });
  };
  for (let node = 0; node < memories; node += 1) {
    const first = node - (node % GROUP);
    for (let link = 0; link < 5; link += 1) join(node, first + Math.floor(random() * GROUP));
    join(node, Math.floor(random() * memories));
  }
  return [...links.values()].sort((one, other) => (one.a + one.b < other.a + other.b ? -1 : 1));
}

type Labels = readonly { readonly memory_id: string; readonly label: number }[];
type Find = (links: readonly Link[]) => Promise<Labels>;

async function validateCommunities(database: Database): Promise<Target[]> {
  const louvain = {
    source: 'Blondel et al. 2008; activities/communities.ts',
    find: (links: readonly Link[]) => findCommunities(links, parameterTable.community_most_members.default),
  };
  const spread = {
    source: 'Raghavan et al. 2007; long-term-memory.propagate-label.sql',
    find: (links: readonly Link[]) => propagate(database, links),
  };
  return [await findPlanted({ ...spread, id: 'V19' }), await findPlanted({ ...louvain, id: 'V19b' })];
}

interface Planted {
  readonly id: string;
  readonly source: string;
  readonly find: Find;
}

/** Whether groups are found; and, of fewer memories, the same groups twice. */
async function findPlanted({ find, ...target }: Planted): Promise<Target> {
  const few = plant(2_000);
  const pairs = (await find(plant(PLANTED))).map(
    ({ memory_id: id, label }) => [Math.floor(Number(id.slice(1)) / GROUP), label] as const,
  );
  const shared = normalizedInformation(pairs);
  const isSame = JSON.stringify(await find(few)) === JSON.stringify(await find([...few]));
  return judge({
    ...target,
    what: `planted groups of fifty are found among ${PLANTED.toLocaleString('en')} memories`,
    ...{ published: 'the groups', tolerance: 'NMI ≥ .95, the same again' },
    ours: `NMI ${digits(shared)}, ${isSame ? 'the same again' : 'others again'}`,
    holds: shared >= 0.95 && isSame,
  });
}

/** Labels spread as the step has them spread above its limit of links. */
function propagate(database: Database, links: readonly Link[]): Promise<Labels> {
  return database.use(async (connection) => {
    await connection.run(
      `create or replace temp table link as
       select unnest(from_json($1, '[{"a": "VARCHAR", "b": "VARCHAR", "w": "DOUBLE"}]'), recursive := true)`,
      [JSON.stringify(links)],
    );
    await connection.run('create or replace temp table node as select distinct unnest([a, b]) as memory_id from link');
    await runFile(connection, fileOf('long-term-memory.first-label'));
    for (let round = 1; round <= 16; round += 1) {
      await runFile(connection, fileOf('long-term-memory.propagate-label'), { round, halved: round > 3 });
      await runFile(connection, fileOf('long-term-memory.adopt-label'));
    }
    const labels = await connection.runAndReadAll(
      'select substr(memory_id, 2)::integer, label::integer from label order by memory_id',
    );
    return labels.getRowsJS().map(([node, label]) => ({ memory_id: nameOf(Number(node)), label: Number(label) }));
  });
}

/** Mutual information of two divisions over the mean of their entropies. */
function normalizedInformation(pairs: readonly (readonly [number, number])[]): number {
  const entropy = (keys: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return [...counts.values()].reduce((sum, n) => sum - (n / keys.length) * Math.log(n / keys.length), 0);
  };
  const [a, b] = [entropy(pairs.map(([x]) => String(x))), entropy(pairs.map(([, y]) => String(y)))];
  return (2 * (a + b - entropy(pairs.map(([x, y]) => `${String(x)} ${String(y)}`)))) / (a + b);
}

/** The far pairs that nights on the sample propose, without a model. */
async function validateDistance({ database, write, live }: Lab): Promise<Target> {
  const entries = await readVersions(SAMPLE);
  await write(entries);
  const [asOf, ...steps] = [
    '2026-04-01T03:00:00Z',
    'ingestMemories',
    'readFeatures',
    'attendMemories',
    'bindEpisodes',
    'consolidateTraces',
    'integrateNetwork',
    'associateDistantly',
  ] as const;
  await live(steps, asOf);
  const { pairs, adjacent, together, near } = await numbers(
    database,
    `with hop as (select d.src, d.dst, exists (from association x join association y on y.src = x.dst where x.src = d.src and y.dst = d.dst) as two,
         exists (from association x where (x.src = d.src and x.dst = d.dst) or (x.src = d.dst and x.dst = d.src)) as one,
         exists (from network m join network n on n.community_id = m.community_id where m.memory_id = d.src and n.memory_id = d.dst) as together
       from distant_association d)
     select count(*) as pairs, count(*) filter (where one) as adjacent, count(*) filter (where together) as together, count(*) filter (where two) as near from hop`,
    ...(['pairs', 'adjacent', 'together', 'near'] as const),
  );
  return judge({
    ...{ id: 'V22', what: 'far pairs of REM on the sample', source: 'Kenett et al. 2017; rem.propose.sql' },
    ...{
      published: '2 to 4 steps apart',
      ours: `${String(near)} of ${String(pairs)} two steps apart, ${String(adjacent)} adjacent, ${String(together)} of one community`,
    },
    ...{
      tolerance: 'all 2 to 4, none adjacent, all across communities',
      holds: pairs > 0 && near === pairs && adjacent === 0 && together === 0,
    },
  });
}
