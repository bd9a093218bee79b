import { isCommon, lookUp } from './libraries.ts';
import { isNameTag } from './names.ts';

/** One to three words with capitals before a colon; `Note:` and the like are no names, but nobody asks what Note said either. */
const SPEAKER = /^\s*((?:\p{Lu}[\p{L}\p{M}'’.-]*)(?: \p{Lu}[\p{L}\p{M}'’.-]*){0,2}):\s/u;
const LABELS =
  /^(?:notes?|fyi|decision|lesson|incident|fact|idea|question|update|correction|change|rule|warning|minutes|goal|task|todo|action|done|reminder|alert|error|re|fwd|answer|result|summary|plan|status|user|assistant|system|agent)$/i;

/** The name that opens a text, as in `Maria: I went home.`, and what is said; no name where none does. */
export function splitSpeaker(content: string): { readonly speaker: string | null; readonly said: string } {
  const name = SPEAKER.exec(content)?.[1];
  if (name === undefined || LABELS.test(name)) return { speaker: null, said: content };
  return { speaker: name, said: content.slice(content.indexOf(':') + 1) };
}

/**
 * What is said, without the name of who says it, which stands in every line of a talk and so tells nothing. `Outage: …` is said: words
 * that are ordinary, and listed as no name, are nobody's. (Looks words up in models that take a second to load.)
 */
export function whatIsSaid(content: string): string {
  const { speaker, said } = splitSpeaker(content);
  const isOrdinary = (word: string) => !isNameTag(word) && (isCommon(word) || lookUp(word).length > 0);
  return speaker === null || speaker.toLowerCase().split(' ').every(isOrdinary) ? content : said;
}
