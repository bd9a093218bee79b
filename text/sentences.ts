import type { ItsFunction, ItsHelpers, PartOfSpeech } from 'wink-nlp';
import { findCodes, type Code } from './codes.ts';
import { loadCompromise, tagWithWink } from './libraries.ts';

/** One word as tagged; `lower` has contractions spelled out ("can't" is "can" and "not"), `stem` is Porter2. */
export interface Word {
  readonly text: string;
  readonly lower: string;
  readonly stem: string;
  readonly pos: PartOfSpeech;
  readonly negated: boolean;
  readonly stop: boolean;
}

/** `text` is a verbatim part of the content; `plain` has each identifier replaced by a placeholder noun. */
export interface Sentence {
  readonly text: string;
  readonly plain: string;
  readonly words: readonly Word[];
  readonly codes: readonly Code[];
  /** wink's sentiment, -1 to 1. */
  readonly sentiment: number;
}

/** How much of a content is read: enough for any note; the rest of a dump says little and would cost seconds. */
export const READ_CHARACTERS = 8_000;
const READ_SENTENCES = 80;
/** How much of one sentence is tagged; longer ones are lists or logs. */
const SENTENCE_CHARACTERS = 1_200;
/** A run without a space beyond this is no word; wink takes seconds to find words in it. */
const UNBROKEN = /\S{80,}/g;

/** Stands for an identifier while tagging, so that `checkout.spec.ts` is one noun and not five words. */
export const PLACEHOLDER = 'codespan';

/** The first `length` UTF-16 units, one less when that would cut a character in half. */
export function clip(text: string, length: number): string {
  const cut = text.slice(0, length);
  return text.length > length && /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/** As they stand in the content; nothing between two is part of either. */
export function cutSentences(content: string): string[] {
  const views = loadCompromise().tokenize(content).json({ text: true }) as { text: string }[];
  let from = 0;
  return views.flatMap(({ text }) => {
    const trimmed = text.trim();
    const at = content.indexOf(trimmed, from);
    if (trimmed === '' || at < 0) return [];
    from = at + trimmed.length;
    return [trimmed];
  });
}

/** A text whose identifiers are placeholder nouns. */
export const plainOf = (text: string) => mask(text, findCodes(text));

function mask(text: string, codes: readonly Code[]): string {
  let from = 0;
  const parts = codes.map((code) => {
    const before = text.slice(from, code.at);
    from = code.at + code.label.length;
    return before + PLACEHOLDER;
  });
  return (parts.join('') + text.slice(from)).replace(UNBROKEN, PLACEHOLDER).replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ');
}

/** wink's types give this one helper a signature that its own `out` does not take. */
const stem = (its: ItsHelpers) => its.stem as unknown as ItsFunction<string>;

const negators = new Set(['zero', '0', 'nothing', 'none', 'nobody', 'neither', 'nor', 'without']);
const isNegator = (word: string | undefined) => word !== undefined && negators.has(word);

/** wink's scope of "not" and "no", and three words after "zero" and "nothing"; a missing person negates nothing that happened. */
function isNegated(lowers: readonly string[], index: number, flagged: boolean): boolean {
  const before = lowers.slice(Math.max(0, index - 4), index);
  if (before.join(' ').includes('no one') || before.includes('nobody')) return false;
  return flagged || before.slice(-3).some(isNegator);
}

function tag(text: string): Sentence {
  const head = clip(text, SENTENCE_CHARACTERS);
  const codes = findCodes(head);
  const plain = mask(head, codes);
  const { doc, its } = tagWithWink(plain);
  const tokens = doc.tokens();
  const [lowers, stems] = [tokens.out(its.normal), tokens.out(stem(its))] as string[][];
  const [tags, flags, stops] = [tokens.out(its.pos), tokens.out(its.negationFlag), tokens.out(its.stopWordFlag)];
  const words = tokens.out().map((word, index): Word => {
    const lower = lowers?.[index] ?? word.toLowerCase();
    const negated = isNegated(lowers ?? [], index, flags[index] === true);
    const pos = (tags[index] ?? 'X') as PartOfSpeech;
    return { text: word, lower, stem: stems?.[index] ?? lower, pos, negated, stop: stops[index] === true };
  });
  return { text, plain, words, codes, sentiment: Number(doc.out(its.sentiment)) || 0 };
}

/**
 * The sentences of a content with their words tagged. Reads at most the first 8,000 characters and 80
 * sentences, and of each at most 1,200 characters; for an empty content, or one without a word, there are none.
 */
export function readSentences(content: string): Sentence[] {
  const head = clip(content, READ_CHARACTERS);
  if (!/[\p{L}\p{N}\p{So}]/u.test(head)) return [];
  return cutSentences(head).slice(0, READ_SENTENCES).map(tag);
}

const again = new Map<string, readonly Sentence[]>();
/** Texts whose sentences are kept: of some thousands of short notes 20 MB. */
const KEPT = 2_000;

/** The same for what is read night after night: of the last texts the sentences are kept. */
export function readSentencesAgain(content: string): readonly Sentence[] {
  const sentences = again.get(content) ?? readSentences(content);
  again.delete(content);
  again.set(content, sentences);
  const [oldest] = again.keys();
  if (again.size > KEPT && oldest !== undefined) again.delete(oldest);
  return sentences;
}

/** What is found in a sentence once, as long as the sentence is kept. */
export function onceOf<Found>(find: (sentence: Sentence) => Found): (sentence: Sentence) => Found {
  const found = new WeakMap<Sentence, { readonly value: Found }>();
  return (sentence) => {
    const known = found.get(sentence) ?? { value: find(sentence) };
    found.set(sentence, known);
    return known.value;
  };
}

/** Whether wink counts a lower-case word among those that carry no meaning of their own. */
export function isStopWord(word: string): boolean {
  const { doc, its } = tagWithWink(word);
  return doc.tokens().out(its.stopWordFlag).every(Boolean);
}

/** The Porter2 stems of some words, by the same stemmer that reads the memories. */
export function stemsOf(words: readonly string[]): string[] {
  const { doc, its } = tagWithWink(words.join(' '));
  return doc.tokens().out<string>(stem(its));
}
