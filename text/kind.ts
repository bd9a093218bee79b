import { findCues } from './cues.ts';
import { isImperative, isPast, verbForm, wordsOf } from './grammar.ts';
import type { Sentence, Word } from './sentences.ts';

export const kinds = ['goal', 'task', 'action', 'note'] as const;
export type Kind = (typeof kinds)[number];

const markers: readonly (readonly [Kind, RegExp])[] = [
  ['goal', /^(?:goals?|objectives?|aims?|okr|mission|vision|target)$/i],
  ['task', /^(?:tasks?|to-?do|to do|action items?|next(?: steps?| up)?|reminder|open)$/i],
  ['action', /^(?:actions?|done|did|finished|completed)$/i],
  [
    'note',
    /^(?:notes?|fyi|decision|lesson|incident|fact|learned|idea|question|update|correction|change|rule|warning|question|minutes)$/i,
  ],
];
const box = /^[\s\-*•>]*\[([ xX])\]\s*/;
const opening = /^[\s\-*•>#"'([]*([A-Za-z][A-Za-z -]{1,14}?)(?:\s*#?\d{0,4}\])?\s*[:\]–—]\s/;

/** "Goal: …", "[task] …", "- [ ] …": what the writer says it is. */
function marked(text: string): Kind | null {
  const tick = box.exec(text)?.[1];
  if (tick !== undefined) return tick === ' ' ? 'task' : 'action';
  const label = opening.exec(text)?.[1]?.trim() ?? '';
  return markers.find(([, pattern]) => pattern.test(label))?.[0] ?? null;
}

/** The content without the marker it opens with. */
export const unmarked = (text: string): string =>
  marked(text) ? text.replace(box.test(text) ? box : opening, '').trim() : text;

const wish =
  /\b(?:(?:we|i|team) (?:all )?(?:want|wants|aim|aims|hope|hopes|intend|intends|strive|would like|plan) (?:\w+ )?to\b|(?:our|my|the|\w+ 's|main|whole|overall|\w+) (?:\w+ )?(?:goal|aim|objective|ambition|target|mission) (?:for .{1,40} )?(?:is|are|remains|stays)\b|(?:goal|aim|objective|ambition) (?:is|of)\b|^(?:we are )?(?:aiming|striving|working) (?:to|for|towards)\b)/;
const duty =
  /\b(?:(?:need|needs|have|has|ought|got) to\b|must\b(?! have)|should\b(?! have)|(?:still|yet) to be \w+|to be done|remember to|do not forget to|don't forget|waiting for me to|(?:i|we) (?:will|shall|am going to|are going to)\b|promised (?:\w+ ){0,3}to\b|(?:is|are) (?:due|overdue)\b|(?:can|could) you\b|(?:has|have|is|are) to (?:be )?\w+ (?:by|before)\b)/;
/** Verbs of mind and state: what they tell is known, not done. */
const stative = new Set(
  'be seem feel know think believe learn learnt realise realize notice mean want need like love hate hear remain own hope wish understand turn belong cost look appear consist contain depend exist matter fail crash break broke happen stay stand sit rain live prefer expect'.split(
    ' ',
  ),
);
const people = new Set(['i', 'we', 'he', 'she', 'they', 'everyone', 'team', 'who']);

const isStative = ({ stem, lower }: Word) =>
  stative.has(lower) ||
  stative.has(stem) ||
  stative.has(lower.replace(/(?:ed|d|s)$/, '')) ||
  stative.has(lower.replace(/ed$/, 'e')) ||
  ['felt', 'knew', 'thought', 'meant', 'heard', 'understood', 'stood', 'sat', 'broke', 'realis', 'kept'].includes(
    lower,
  );

/** A past-tense main verb whose subject is a person or left out; "was moved" and "the build failed" are no one's action. */
function isDeed(words: readonly Word[]): boolean {
  const verb = words.findIndex(
    (word) =>
      word.pos === 'AUX' ||
      (['past', 'either'].includes(verbForm(word) ?? '') && (word.pos === 'VERB' || words.indexOf(word) === 0)),
  );
  const found = words[verb];
  if (!found || found.pos === 'AUX' || isStative(found) || found.negated) return false;
  const subject = words.slice(0, verb).filter(({ pos }) => !['ADV', 'ADP', 'NUM', 'CCONJ', 'INTJ'].includes(pos));
  return (
    subject.length === 0 ||
    subject.every(({ pos, lower }) => pos === 'PROPN' || people.has(lower)) ||
    people.has(subject.at(-1)?.lower ?? '')
  );
}

/** A duty is someone's: "we must", "needs to be done"; what a thing has to be is a fact. */
function isDuty(words: readonly Word[], text: string): boolean {
  const match = duty.exec(text);
  if (!match) return false;
  const before = words.slice(0, text.slice(0, match.index).split(' ').filter(Boolean).length);
  return (
    before.every(({ pos }) => pos !== 'NOUN') ||
    /^\S+ (?:to )?be \w+(?:ed|en|nt|ne|lt|de|t)\b/.test(text.slice(match.index))
  );
}

/** "Learned that we must …" tells what is known; the duty in it is no task. */
const opensWithMind = (words: readonly Word[]) =>
  words.slice(0, 2).some((word) => verbForm(word) === 'past' && isStative(word)) || words[0]?.lower === 'turns';

const perfect =
  /^(?:(?:i|we) )?(?:have |has )?(?:just |already |finally )?(?:finished|completed|done with)\b|^(?:i|we) have (?:just |already |now |finally )?(?!to\b)\w+(?:ed|en|nt|lt|ght)\b/;

/** The kind of one sentence by its grammar; null when the grammar says nothing. */
function read(sentence: Sentence): Kind | null {
  const words = wordsOf(sentence);
  const text = words.map(({ lower }) => lower).join(' ');
  const past = isDeed(words);
  if (wish.test(text) && !past) return 'goal';
  if (perfect.test(text)) return 'action';
  if (isImperative(words) && !/^(?:never|always|let)\b/.test(text)) {
    if (verbForm(words[0] as Word) !== 'either') return 'task';
    return /\b(?:tomorrow|by|before|next|until|tonight|soon)\b/.test(text) ? 'task' : 'action';
  }
  if (past) return 'action';
  if (opensWithMind(words)) return 'note';
  return isDuty(words, text) ? 'task' : null;
}

const ambition =
  /\b(?:goals?|aims?|aiming|objectives?|ambitions?|targets?|milestones?|missions?|visions?|wants? to|wanted to|hopes? to|hoping to|plans? to|planning to|intends? to|strives?|striving|would like|long[- ]term|eventually)\b/;
/** From here on a sentence says rather that nothing happened. */
const ROUTINE = 0.6;

const supports: Record<Kind, (sentence: Sentence, text: string) => boolean> = {
  goal: (_, text) => ambition.test(text) || wish.test(text),
  task: (sentence, text) => duty.test(text) || isImperative(wordsOf(sentence)) || findCues(sentence).commitment > 0,
  action: (sentence, text) => isPast(sentence) || perfect.test(text) || isDeed(wordsOf(sentence)),
  note: () => true,
};

/**
 * Whether another reader's kind may stand in the place of the rules' own. What the writer says it is, by mark or tag, stands.
 * Any text may be a note; for another kind one of its sentences has to speak for it, and routine is never a goal: a goal begins
 * an episode.
 */
export function isPlausible(kind: Kind, sentences: readonly Sentence[], tags: readonly string[]): boolean {
  const found = findKind(sentences, tags);
  if (kind === found) return true;
  if (saidByWriter(sentences, tags) !== null) return false;
  return sentences.some((sentence) => {
    if (kind === 'goal' && findCues(sentence).routine >= ROUTINE) return false;
    const text = wordsOf(sentence)
      .map(({ lower }) => lower)
      .join(' ');
    return supports[kind](sentence, text);
  });
}

/** By the marker that it opens with, else by a tag; null when neither says so. */
function saidByWriter(sentences: readonly Sentence[], tags: readonly string[]): Kind | null {
  const tagged = kinds.find((kind) => tags.some((tag) => tag.trim().replace(/^#/, '').toLowerCase() === kind));
  const opener = sentences[0] ? marked(sentences[0].text) : null;
  return opener ?? tagged ?? null;
}

/** Goal, task, action or note: by tag, by the marker it opens with, then by the grammar of its first three sentences. */
export function findKind(sentences: readonly Sentence[], tags: readonly string[]): Kind {
  const grammar = sentences
    .slice(0, 3)
    .map(read)
    .find((kind) => kind !== null);
  return saidByWriter(sentences, tags) ?? grammar ?? 'note';
}
