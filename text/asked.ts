import type { ValueKind } from './values.ts';

/** What a question is after, told by its words. */
export interface Asked {
  /** It asks for how things are now: of two statements the newer one answers. */
  readonly now: boolean;
  /** What kinds of value may answer; empty where that is not known. */
  readonly kinds: readonly ValueKind[];
  /** It asks for several things, which stand in several sessions. */
  readonly list: boolean;
}

const PREPOSITION = '(?:(?:at|by|during|for|from|in|on|since|to|under|until|with) )?';
const OPENS = new RegExp(
  `^\\W*(?:(?:currently|now|and|so|please|ok|(?:can you )?(?:tell|remind) me),? )*(?:${PREPOSITION}(?:what|which|who|whom|whose|when|where|how (?:many|much|often|long|old|far|large|big|high|fast|tall))(?:'s)?\\b|(?:is|are|can|does|do|may|must|am) )`,
  'i',
);
const PRESENT = /\b(?:is|are|am|be|do|does|can|may|must|should|will|shall|has|have|needs?)\b|\b\w+'s\b/i;
const PAST =
  /\b(?:was|were|did|had|used to|originally|initially|previous\w*|former\w*|earlier|ago|back then|yesterday|history|changed|evolved|since|ever|between|in what order|sequence|compar(?:e|es|ed)|differ\w*|versus|vs)\b/i;
/** Verbs in the past, where no verb of the present makes a participle of them: "which firm donated", but "which is donated". */
const PAST_VERB =
  /\b(?:\w{2,}ed|began|bought|broke|brought|came|caught|chose|drove|fell|felt|found|gave|got|grew|held|kept|knew|led|left|lost|made|met|paid|ran|said|saw|sent|sold|spoke|spent|stood|took|taught|thought|told|went|won|wrote)\b/i;

const KINDS: readonly (readonly [RegExp, readonly ValueKind[]])[] = [
  [/\b(?:what|which) (?:time|hour)\b/i, ['time']],
  [/\b(?:what|which) weekday\b|\bday of the week\b/i, ['weekday']],
  [/\bwhen\b|\b(?:date|day|deadline)\b/i, ['date', 'weekday', 'time']],
  [/\b(?:version|release)\b/i, ['version', 'number']],
  [/\bhow (?:much|expensive)\b|\b(?:costs?|price|fee|budget|salary|amount|value)\b/i, ['money', 'number', 'percent']],
  [/\b(?:percentage|share|rate|score|coverage)\b/i, ['percent', 'number']],
  [
    /\bhow (?:many|often|long|old|far|large|big|high|fast|tall)\b|\b(?:number|port|extension|code|pin|room|limit|size|count|capacity)\b/i,
    ['number', 'percent', 'time'],
  ],
  [/\b(?:who|whom|whose|where)\b|\bwhich\b/i, ['name']],
];
const YES_OR_NO = /^\W*(?:is|are|can|does|do|may|must|am) /i;
const CURRENT = /\b(?:current(?:ly)?|now|at the moment|these days|still|latest|newest|up to date)\b/i;
const LIST = /^\W*(?:which\b|how many times\b|what (?:\w+ ){1,6}(?:has|have)\b)/i;

export function readAsked(question: string): Asked {
  const kinds = KINDS.find(([pattern]) => pattern.test(question))?.[1] ?? [];
  const isPast = PAST.test(question) || (PAST_VERB.test(question) && !PRESENT.test(question));
  return {
    now: OPENS.test(question) && !isPast && (kinds.length > 0 || YES_OR_NO.test(question) || CURRENT.test(question)),
    kinds,
    list: LIST.test(question),
  };
}
