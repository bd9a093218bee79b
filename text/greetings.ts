/** What people say to be kind: it has most in common with other talk and tells nothing. */
const GREETING =
  /^\W*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|night)|thanks?|thank you|cheers|congrats|congratulations|wow|oof|aww?|oh|ah|haha|lol|yay|yeah|yep|yes|sure|ok(?:ay)?|great|awesome|amazing|super|cool|nice|sounds|glad|sorry|agreed|absolutely|definitely|totally|exactly|bye|goodbye|see you|take care|welcome|that['’]?s|it really is|how are you|no problem|you['’]?re welcome)(?![\p{L}\p{N}-])/iu;
/** A line that lists what a day or a meeting was about: many things, and none of them told. */
const DIGEST =
  /^\W*(?:minutes|agenda|stand-?ups?|status|recap|summary|to-?dos?|tl;?dr|packing list|shopping list)\b[^.!?:]{0,30}:/iu;
/** `i'm`, `gonna`: short forms that a capital makes look like a name. */
const CONTRACTION = /['’](?:m|ll|re|ve|d|t)$|^(?:gonna|wanna|gotta|kinda|sorta|dunno|lemme|y['’]all)$/i;

export const isDigest = (text: string): boolean => DIGEST.test(text);

export const isGreeting = (text: string): boolean => GREETING.test(text);

/** Whether a phrase may be what memories are about: no greeting, contraction, or name of who wrote them. */
export function isTheme(phrase: string, writers: readonly string[]): boolean {
  const written = phrase.trim().toLowerCase();
  return !isGreeting(written) && !CONTRACTION.test(written) && !writers.some((name) => name.toLowerCase() === written);
}
