import { findCues } from '../text/cues.ts';
import { isDigest, isGreeting, isTheme } from '../text/greetings.ts';
import { contentStems, openTheme, shorten } from '../text/summary.ts';
import { onceOf, readSentencesAgain, stemsOf, type Sentence } from '../text/sentences.ts';
import { isRoutine, likeness, openRarity, quoteAt, tell, type WordCounts } from '../text/telling-sentences.ts';

export interface InsightInput {
  /** What recurs: a phrase or an entity. */
  theme: string;
  /** Whether it is a tag, which what it stands for need not name. */
  is_tag?: boolean;
  /** Oldest first; `createdAt` is ISO in UTC. */
  memories: { content: string; kind?: string; createdAt: string }[];
  /** The agents whose memories they are. */
  writers?: readonly string[];
  /** By their places, which two of the memories are alike by meaning: from 0, as any two usually are, to 1. */
  alike?: [number, number, number][];
  /** By their places, which memory states otherwise what another stated, and the sentence that does; the surest first. */
  changes?: { newer: number; older: number; sentence: string }[];
  words?: WordCounts;
}

// How the rules weigh, by design choice; whoever changes one of these raises `rulesVersion`. Cues are from 0 to 1.
/** Cue from which a sentence counts as evidence, and from which it is worth keeping. */
const [EVIDENCE, KEEPING] = [0.5, 0.6];
/** Statements that an insight tells. */
const STATEMENTS = 3;
/** A statement has at least so many words that say something: "Decision: go." tells nobody what was decided. */
const LEAST_WORDS = 3;
/** How alike two statements are to be told as one thing: by meaning, and by words where meaning is not known. */
const [MEANT, WORDED] = [0.33, 0.24];
/** What a change is worth beside what statements tell together: it goes first. */
const CHANGED = 1_000;
/** Rarity below which a theme that two statements share says nothing for their being one thing. */
const COMMON = 3.5;
const PREFERENCE =
  /\b(?:prefers?|preferred|would (?:like|love|rather)|loves|hates|dislikes|favou?rite|(?:do|does|did)(?:n['’]t| not) (?:like|want)|insists?|wants? (?:no|every|all)\b)/i;
const HABIT =
  /\b(?:every (?:other )?(?:day|week|month|morning|evening|night|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|(?:mon|tues|wednes|thurs|fri|satur|sun)days|daily|weekly|monthly|twice a (?:day|week|month)|once a (?:day|week|month))\b/i;

type Says = 'lesson' | 'change' | 'decision' | 'preference' | 'habit' | 'reached' | 'trouble' | 'goal';
const order: readonly Says[] = ['lesson', 'change', 'decision', 'preference', 'habit', 'reached', 'trouble', 'goal'];

/** What a memory says of the theme. */
interface Statement {
  readonly text: string;
  readonly day: string;
  readonly says: Says | null;
  /** What it is told as. */
  readonly as: string;
  readonly sentence: Sentence;
  readonly tell: number;
  /** Whether it names the theme. */
  readonly isAbout: boolean;
  /** Of its memory, among those of the theme. */
  readonly place: number;
}

const named: Readonly<Record<Says, string>> = {
  ...{ lesson: 'lesson', change: 'changed', decision: 'decided', preference: 'preference', habit: 'habit' },
  ...{ reached: 'reached', trouble: 'trouble', goal: 'goal' },
};

function say(sentence: Sentence, isGoal: boolean): Says | null {
  const cues = findCues(sentence);
  const { lesson, change, decision, achievement, failure } = cues;
  if (isGreeting(sentence.text) || isDigest(sentence.text) || isRoutine(cues)) return null;
  if (new Set(contentStems(sentence)).size < LEAST_WORDS) return failure >= EVIDENCE ? 'trouble' : null;
  if (isGoal) return 'goal';
  if (/\?\W*$/.test(sentence.text)) return null;
  if (lesson >= KEEPING) return 'lesson';
  if (change >= KEEPING) return 'change';
  if (decision >= KEEPING) return 'decision';
  if (PREFERENCE.test(sentence.text)) return 'preference';
  if (HABIT.test(sentence.text)) return 'habit';
  if (achievement >= EVIDENCE) return 'reached';
  return failure >= EVIDENCE ? 'trouble' : null;
}

const saidByGoal = onceOf((sentence) => say(sentence, true));
const saidByNote = onceOf((sentence) => say(sentence, false));

/** What each memory says of the theme: of its sentences, those that name it first, the one that says most of the kinds that are kept. */
function readStatements({ theme, memories, words }: InsightInput): Statement[] {
  const [rarity, names] = [openRarity(words), openTheme(theme)];
  const statements = memories.flatMap(({ content, kind, createdAt }, place) => {
    const sentences = readSentencesAgain(content.slice(0, 2_000));
    const told = sentences.map((sentence, at) => ({
      ...{
        text: shorten(quoteAt(sentences, at), 260),
        day: createdAt.slice(0, 10),
        says: (kind === 'goal' ? saidByGoal : saidByNote)(sentence),
      },
      ...{ sentence, place, tell: tell(sentence, rarity), isAbout: names(sentence), as: '' },
    }));
    const rank = ({ says, tell, isAbout }: Statement) =>
      tell === 0 ? -1 : (isAbout ? 100 : 0) + (says === null ? 0 : order.length - order.indexOf(says)) + tell / 100;
    return [...told].sort((a, b) => rank(b) - rank(a)).slice(0, 1);
  });
  // A tag need not be named; what is named somewhere counts where it is.
  const isNamed = statements.some(({ isAbout }) => isAbout);
  return statements.filter(({ isAbout, tell }) => tell > 0 && (isAbout || !isNamed));
}

/** How alike two statements are: by meaning where that is known, else by the words that both have. A theme of many memories joins nothing. */
function openKin({ theme, alike = [], words }: InsightInput): (a: Statement, b: Statement) => number {
  const rarity = openRarity(words);
  const common = new Set(stemsOf(theme.toLowerCase().split(/\s+/)).filter((stem) => rarity(stem) < COMMON));
  const weigh = (stem: string) => (common.has(stem) ? 0 : rarity(stem));
  const meant = new Map(alike.map(([a, b, kin]) => [`${String(a)} ${String(b)}`, kin]));
  const key = (a: Statement, b: Statement) =>
    `${String(Math.min(a.place, b.place))} ${String(Math.max(a.place, b.place))}`;
  return (a, b) => (meant.size > 0 ? (meant.get(key(a, b)) ?? 0) : likeness(a.sentence, b.sentence, weigh));
}

/** Statements that belong together, and what they are worth. */
interface Thread {
  readonly told: readonly Statement[];
  readonly worth: number;
}

/** A statement that holds, with those of other days that are most like it, in the order of their days. */
function follow(
  seed: Statement,
  all: readonly Statement[],
  kin: (a: Statement, b: Statement) => number,
  least: number,
): Thread[] {
  if (seed.says === null || seed.says === 'goal') return [];
  const near = all
    .filter(({ day, says, text }) => day !== seed.day && says !== null && text !== seed.text)
    .map((other) => ({ other, kin: kin(seed, other) }))
    .filter((each) => each.kin >= least)
    .filter(({ other }) => seed.says !== 'trouble' || other.says === 'trouble')
    .sort((a, b) => b.kin - a.kin)
    .slice(0, STATEMENTS - 1);
  if (near.length === 0) return [];
  const told = [seed, ...near.map(({ other }) => other)].sort(
    (a, b) => a.day.localeCompare(b.day) || a.place - b.place,
  );
  const worth = seed.tell * near.reduce((sum, each) => sum + each.kin * each.other.tell, 0);
  return [{ told: told.map((each) => ({ ...each, as: each.says === null ? '' : named[each.says] })), worth }];
}

/** What has replaced what: before all else where it names the theme; where a tag is not named only if nothing else is told. */
function findChanges({ theme, is_tag: isTag = false, memories, changes = [], words }: InsightInput): Thread[] {
  const [rarity, names] = [openRarity(words), openTheme(theme)];
  const stated = (place: number, like: (sentence: Sentence) => number, as: string): Statement[] => {
    const { content = '', createdAt = '' } = memories[place] ?? {};
    const sentences = readSentencesAgain(content.slice(0, 2_000));
    const found = sentences.map(like).reduce((best, each, at, all) => (each > (all[best] ?? 0) ? at : best), 0);
    const sentence = sentences[found];
    const text = shorten(quoteAt(sentences, found), 260);
    return sentence
      ? [{ text, day: createdAt.slice(0, 10), says: 'change', as, sentence, tell: 1, isAbout: true, place }]
      : [];
  };
  return changes.flatMap(({ newer, older, sentence }) => {
    const [now] = stated(newer, ({ text }) => (text.includes(sentence) || sentence.includes(text) ? 1 : 0), 'now');
    const [before] = now ? stated(older, (each) => likeness(each, now.sentence, rarity), 'before') : [];
    const about = [before, now].filter((each) => each && names(each.sentence)).length;
    return now && before && (about > 0 || isTag) ? [{ told: [now, before], worth: CHANGED * about }] : [];
  });
}

/** What a theme's memories say that holds, of several days; nothing where they only name it. */
export function findInsight(input: InsightInput): { content: string } {
  const { theme, writers = [] } = input;
  if (!isTheme(theme, writers)) return { content: '' };
  const kin = openKin(input);
  const least = (input.alike ?? []).length > 0 ? MEANT : WORDED;
  const replaced = new Set((input.changes ?? []).map(({ older }) => older));
  const statements = readStatements(input).filter(({ place }) => !replaced.has(place));
  const threads = [...findChanges(input), ...statements.flatMap((seed) => follow(seed, statements, kin, least))];
  const best = threads.reduce<Thread | null>(
    (top, next) => (top === null || next.worth > top.worth ? next : top),
    null,
  );
  if (best === null) return { content: '' };
  const told = best.told.map(({ text, day, as }) => `${as} (${day}): "${text}"`);
  return { content: shorten(`${shorten(theme, 80)}: ${told.join(' ')}`, 1_000) };
}

/** What an insight by rules tells, without its theme. */
export const statementsOf = (content: string): string[] => content.split(/ (?=[a-z]+ \(\d{4}-\d\d-\d\d\): ")/).slice(1);
