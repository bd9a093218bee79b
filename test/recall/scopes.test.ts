import { expect, test } from 'vitest';
import { createBlock, type ScopeMemory } from '../../recall/block.ts';
import { Scope } from '../../recall/scope.ts';
import { Scopes } from '../../recall/scopes.ts';

/** A scope of some memories, which takes memory. */
function makeScope(size: number): Scope {
  const memories = Array.from({ length: size }, (_, index): ScopeMemory => ({
    ...{ id: String(index), agent: 'a', createdAt: index, terms: Uint32Array.of(1), speaker: null, tags: [] },
    ...{ asks: false, tellsTime: false, tellsNumber: false, novelty: 0, wording: 0, days: [], vectors: [] },
  }));
  return Scope.of(createBlock(memories));
}

/** Room for two scopes of a hundred memories, and who was loaded. */
function openScopes() {
  const scopes = new Scopes(2.5 * makeScope(100).bytes);
  const loaded: string[] = [];
  const ask = (agent: string, size = 100) =>
    scopes.get(agent, () => {
      loaded.push(agent);
      return Promise.resolve(makeScope(size));
    });
  return { ask, loaded };
}

test('what was asked last is kept, and what was asked longest ago goes first', async () => {
  const { ask, loaded } = openScopes();
  for (const agent of ['a', 'b', 'a', 'c', 'a', 'b']) await ask(agent);
  expect(loaded).toEqual(['a', 'b', 'c', 'b']);
});

test('what is too large for the room is kept alone, until something else is asked', async () => {
  const { ask, loaded } = openScopes();
  await ask('a');
  await ask('large', 1000);
  await ask('large', 1000);
  await ask('a');
  await ask('large', 1000);
  expect(loaded).toEqual(['a', 'large', 'a', 'large']);
});

test('who asks while it is loaded waits for the same', async () => {
  const { ask, loaded } = openScopes();
  const [one, other] = await Promise.all([ask('a'), ask('a')]);
  expect(one).toBe(other);
  expect(loaded).toEqual(['a']);
});

test('what could not be loaded is tried again', async () => {
  const scopes = new Scopes();
  await expect(scopes.get('a', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect((await scopes.get('a', () => Promise.resolve(makeScope(1)))).size).toBe(1);
});
