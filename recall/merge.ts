import type { Block } from './block.ts';

/** Which row of which block each memory of a scope is. */
export interface Order {
  readonly blocks: Uint16Array;
  readonly rows: Uint32Array;
}

/** The memories of a block, in its order. */
export function orderOf({ ids }: Block): Order {
  const rows = new Uint32Array(ids.length);
  for (let row = 0; row < rows.length; row += 1) rows[row] = row;
  return { blocks: new Uint16Array(ids.length), rows };
}

/** The order after `mergeBlock`, whose result is `merged`, with a block of that number. */
export function reorder({ blocks, rows }: Order, merged: Int32Array, block: number): Order {
  const order = { blocks: new Uint16Array(merged.length), rows: new Uint32Array(merged.length) };
  for (let index = 0; index < merged.length; index += 1) {
    const place = merged[index]!;
    order.blocks[index] = place < 0 ? block : blocks[place]!;
    order.rows[index] = place < 0 ? -1 - place : rows[place]!;
  }
  return order;
}

/** What is merged into: memories by agent, an agent's together and by time. */
export interface Merged {
  readonly size: number;
  readonly createdAt: Float64Array;
  agentOf(index: number): string;
  idOf(index: number): string;
}

/**
 * Puts the rows of a block where they belong among the memories that stay, each agent's by time and id; agents without memories until now
 * stand behind the others.
 * @returns the place that each memory had before, and `-1 - row` for a row of the block
 */
export function mergeBlock(base: Merged, block: Block, isGone: (index: number) => boolean): Int32Array {
  const merged = new Int32Array(base.size + block.ids.length);
  const ends = endOfAgents(block.agents);
  const merging = { size: 0, row: 0, end: 0 };
  const take = (place: number) => (merged[merging.size++] = place);
  const takeRows = (isNext: (row: number) => boolean) => {
    for (; merging.row < merging.end && isNext(merging.row); merging.row += 1) take(-1 - merging.row);
  };
  const takeAgent = (agent: string | undefined) => {
    const [from, to] = ends.get(agent) ?? [0, 0];
    [merging.row, merging.end] = [from, to];
    ends.delete(agent);
  };
  let agent: string | undefined;
  for (let index = 0; index < base.size; index += 1) {
    if (base.agentOf(index) !== agent) {
      takeRows(() => true);
      agent = base.agentOf(index);
      takeAgent(agent);
    }
    if (isGone(index)) continue;
    takeRows((row) => isBefore(block, row, base, index));
    take(index);
  }
  takeRows(() => true);
  while (ends.size > 0) {
    takeAgent(ends.keys().next().value);
    takeRows(() => true);
  }
  return merged.slice(0, merging.size);
}

function isBefore(block: Block, row: number, base: Merged, index: number): boolean {
  const [at, other] = [block.createdAt[row]!, base.createdAt[index]!];
  return at < other || (at === other && block.ids[row]! < base.idOf(index));
}

/** From which row to which each agent's are. */
function endOfAgents(agents: readonly string[]): Map<string | undefined, readonly [from: number, to: number]> {
  const ranges = new Map<string | undefined, readonly [number, number]>();
  for (const [row, agent] of agents.entries()) ranges.set(agent, [ranges.get(agent)?.[0] ?? row, row + 1]);
  return ranges;
}
