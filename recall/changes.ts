import type { Asked } from '../text/asked.ts';
import { numberOf } from '../text/terms.ts';
import { CHANGES, findRestatement, readStatements, weighShared, type Statement } from '../text/restatement.ts';
import { TELLS_NUMBER, TELLS_TIME } from './block.ts';
import { talkOf } from './ranking.ts';
import type { Scope } from './scope.ts';

/** A newer memory that restates what another one states. */
export interface Follower {
  readonly index: number;
  readonly kin: number;
  /** The sentence that differs. */
  readonly sentence: string;
  /** Strong enough to be told to a reader: on the sample all of these are right. */
  readonly isTold: boolean;
}

/** An order in which newer statements stand above those that they replace. */
export interface Followed {
  readonly order: readonly number[];
  /** By the older memory. */
  readonly followers: ReadonlyMap<number, Follower>;
}

export interface FollowOptions {
  readonly asked: Asked;
  /** Whether a memory may be told: what was written later than the question is not known. */
  readonly isWanted: (index: number) => boolean;
  /** The newer memories that nights have found to restate one. */
  readonly linksOf: (index: number) => readonly number[];
  readonly textsOf: (indexes: readonly number[]) => Promise<ReadonlyMap<number, string>>;
}

/** First hits whose newer statements are looked for; what they find is looked at too, as a fact may change twice. */
const HITS = 5;
const ROUNDS = 3;
/** Memories of one hit whose meaning, and whose texts, are compared, and how far down an untagged one is looked for. */
const WEIGHED = 32;
const COMPARED = 8;
const DEPTH = 20;
/** Kin from which on a newer memory follows: with another value of the kind asked for; that, but no word of change, or the reverse; no common tag. */
const KIN_OF_CHANGE = 0.8;
const KIN_OF_ONE = 1;
const KIN_UNTAGGED = 1.1;
/** Kin from which on it is told that the older one is outdated. */
const KIN_TOLD = 1.3;
/** Most that a cue and a value can add to what words and meaning say. */
const STILL_TO_COME = 0.6;
/** From here on memories are talk, where only those with a common tag follow: measured, others harm. */
const TALK = 0.5;

/**
 * Puts the newer statement directly above the older one, for a question that asks for now; nothing is left out. The newer one shares its
 * words with the older one, and not with the question, so it is looked for from the first hits: among what shares a tag and rare
 * words with one, among the best, and by the links that nights have made.
 */
export async function followChanges(scope: Scope, order: readonly number[], options: FollowOptions): Promise<Followed> {
  const followers = new Map<number, Follower>();
  const statements = new Map<number, Statement[]>();
  let looked = order.slice(0, HITS);
  for (let round = 0; round < ROUNDS && looked.length > 0; round += 1) {
    const kindred = looked.map((index) => [index, findKindred(scope, index, order, options)] as const);
    const missing = new Set(kindred.flatMap(([index, found]) => (found.length > 0 ? [index, ...found] : [])));
    for (const index of statements.keys()) missing.delete(index);
    for (const [index, text] of missing.size > 0 ? await options.textsOf([...missing]) : [])
      statements.set(index, readStatements(text));
    for (const [index, found] of kindred) {
      const best = chooseFollower(scope, index, found, statements, options);
      if (best !== undefined) followers.set(index, best);
    }
    looked = looked.flatMap((index) => followers.get(index)?.index ?? []).filter((index) => !followers.has(index));
  }
  return { order: moveUp(order, followers), followers: withoutWeaker(followers) };
}

/** The newer memories that could restate what one states, likeliest first. */
function findKindred(scope: Scope, older: number, order: readonly number[], options: FollowOptions): number[] {
  const { isWanted, asked } = options;
  const shared = new Map<number, number>();
  const isKnownKind = asked.kinds.length > 0 && !asked.kinds.includes('name');
  // A value other than a name is a number or a time: without one its text need not be fetched.
  const mayTell = (index: number) => !isKnownKind || ((scope.flags[index] ?? 0) & (TELLS_NUMBER | TELLS_TIME)) !== 0;
  if (!mayTell(older)) return [];
  const isNewer = (index: number) =>
    (scope.createdAt[index] ?? 0) > (scope.createdAt[older] ?? 0) &&
    scope.agentOf(index) === scope.agentOf(older) &&
    mayTell(index) &&
    isWanted(index);
  const untagged = new Set(talkOf(scope) < TALK && isKnownKind ? order.slice(0, DEPTH) : []);
  for (const term of new Set(scope.termsOf(older))) {
    const weight = weighShared(scope.frequencyOf(term), scope.size);
    if (weight === 0) continue;
    for (const index of scope.holdersOf(term))
      if (isNewer(index) && (untagged.has(index) || sharesTag(scope, older, index)))
        shared.set(index, (shared.get(index) ?? 0) + weight);
  }
  const linked = talkOf(scope) < TALK ? options.linksOf(older).filter(isNewer) : [];
  const found = [...shared]
    .sort((a, b) => b[1] - a[1] || b[0] - a[0])
    .slice(0, WEIGHED)
    .map(([index, words]) => [index, words + 2 * (scope.nearness(older, index) ?? 0.5) - 1] as const)
    .filter(([, kin]) => kin >= KIN_OF_CHANGE - STILL_TO_COME)
    .sort((a, b) => b[1] - a[1] || b[0] - a[0])
    .slice(0, COMPARED)
    .map(([index]) => index);
  return [...new Set([...linked, ...found])];
}

function chooseFollower(
  scope: Scope,
  older: number,
  kindred: readonly number[],
  statements: ReadonlyMap<number, readonly Statement[]>,
  { asked, linksOf }: FollowOptions,
): Follower | undefined {
  const isKnownKind = asked.kinds.length > 0 && !asked.kinds.includes('name');
  const weigh = (term: string) => weighShared(scope.frequencyOf(numberOf(term)), scope.size);
  let best: Follower | undefined;
  for (const index of kindred) {
    const found = findRestatement(statements.get(older) ?? [], statements.get(index) ?? [], {
      ...{ weigh, cosine: scope.nearness(older, index), kinds: asked.kinds },
    });
    if (found === undefined || found.kin <= (best?.kin ?? 0)) continue;
    const { kin, value, change, sentence } = found;
    const [isLinked, tellsChange] = [linksOf(older).includes(index), change >= CHANGES];
    const isNear = isLinked || sharesTag(scope, older, index);
    const least = !isNear ? KIN_UNTAGGED : isKnownKind && tellsChange ? KIN_OF_CHANGE : KIN_OF_ONE;
    const says = isKnownKind ? value !== undefined : tellsChange;
    if (says && kin >= least) best = { index, kin, sentence, isTold: isLinked || (tellsChange && kin >= KIN_TOLD) };
  }
  return best;
}

function sharesTag(scope: Scope, a: number, b: number): boolean {
  const tags = scope.tagsOf(a);
  return tags.length > 0 && scope.tagsOf(b).some((tag) => tags.includes(tag));
}

function moveUp(order: readonly number[], followers: ReadonlyMap<number, Follower>): number[] {
  const moved = [...order];
  for (const [older, { index }] of followers) {
    const [from, to] = [moved.indexOf(index), moved.indexOf(older)];
    if (from >= 0 && from < to) continue;
    if (from >= 0) moved.splice(from, 1);
    moved.splice(moved.indexOf(older), 0, index);
  }
  return moved;
}

/** A statement replaces one older one: what is less kin to it is only near. */
function withoutWeaker(followers: ReadonlyMap<number, Follower>): Map<number, Follower> {
  const strongest = new Map<number, number>();
  for (const { index, kin } of followers.values()) strongest.set(index, Math.max(kin, strongest.get(index) ?? 0));
  return new Map(
    Array.from(followers, ([older, follower]) => {
      const isTold = follower.isTold && follower.kin === strongest.get(follower.index);
      return [older, { ...follower, isTold }];
    }),
  );
}
