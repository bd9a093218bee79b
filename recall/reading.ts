import { numberOf, termsOf } from '../text/terms.ts';

/** Raised when a text is read otherwise, so that what was kept of it is made again. */
export const READING_VERSION = 2;

/** What a question looks for in a text. */
export interface RecallText {
  /** Numbers of its terms, in their order, without its speaker's name. */
  readonly terms: readonly number[];
  /** The name that opens it, in lower case, as in `Maria: I went home.`; null where none does. */
  readonly speaker: string | null;
  readonly asks: boolean;
  readonly tellsTime: boolean;
  readonly tellsNumber: boolean;
}

/** One to three words with capitals before a colon; `Note:` and the like are no names, but nobody asks what Note said either. */
const SPEAKER = /^\s*((?:\p{Lu}[\p{L}\p{M}'’.-]*)(?: \p{Lu}[\p{L}\p{M}'’.-]*){0,2}):\s/u;
const LABELS =
  /^(?:notes?|fyi|decision|lesson|incident|fact|idea|question|update|correction|change|rule|warning|minutes|goal|task|todo|action|done|reminder|alert|error|re|fwd|answer|result|summary|plan|status|user|assistant|system|agent)$/i;
const TIME =
  /\b\d{1,2}[:.]\d\d\b|\b\d{4}-\d\d-\d\d\b|\b\d{1,2} ?[ap]\.?m\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b|\b(?:today|tonight|tomorrow|yesterday|ago|weeks?|months?|years?|days?|hours?|o'clock|noon|midnight|since|until)\b/i;
const NUMBER =
  /\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|thousand|million|dozen|half|twice|once|couple|several)\b/i;

/** Reads a text for recall. Never throws; a text without a word has no terms. */
export function readForRecall(content: string): RecallText {
  const name = SPEAKER.exec(content)?.[1];
  const speaker = name === undefined || LABELS.test(name) ? null : name;
  const said = speaker === null ? content : content.slice(content.indexOf(':') + 1);
  return {
    terms: termsOf(said).map(numberOf),
    speaker: speaker?.toLowerCase() ?? null,
    asks: /\?["”’)\s]*$/.test(said),
    tellsTime: TIME.test(said),
    tellsNumber: NUMBER.test(said),
  };
}
