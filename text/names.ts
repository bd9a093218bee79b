import { isCommon, loadCompromise, lookUp } from './libraries.ts';
import { isCue } from './cues.ts';
import { PLACEHOLDER, type Sentence } from './sentences.ts';

export type NameType = 'person' | 'place' | 'organisation' | 'name';
export interface Name {
  readonly label: string;
  readonly type: NameType;
}

const capital = String.raw`\p{Lu}[\p{L}\p{N}&]*(?:[-’'](?!s\b)\p{L}[\p{L}\p{N}]*)*`;
const run = new RegExp(
  String.raw`(?<![\p{L}\p{N}_’'])${capital}(?: (?:(?:of|de|da|van|von|del|la|der) ){0,2}${capital}){0,4}`,
  'gu',
);

const calendar =
  /^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|q[1-4]|am|pm|utc|gmt|cest|cet|eod|asap)$/;
/** Written with a capital, for what they are or because they open a sentence, and never a name. */
const plain = new Set(
  (
    'i ok okay todo fyi yes no ps nb wip tldr eta tbd gonna wanna gotta gimme lemme dunno kinda sorta cuz cos tho btw lol omg haha hehe ' +
    'hi hey hello bye thanks thx congrats congratulations wow whoa yay yeah yep yup nope nah oh ooh oof ouch ugh phew hmm huh aww aw ah super'
  ).split(' '),
);
const titles = /^(?:project|team|operation|mr|mrs|ms|dr|prof|sir)\.?$/;
const markers =
  /^(?:goal|task|action|note|decision|lesson|incident|fact|reminder|update|question|idea|plan|outcome|result|summary|warning|objective|change|correction)$/;

/** "I'm", "Who’ll", "Don't" have the capital of a sentence's first word. */
const contraction = /^\p{L}+['’](?:m|d|ll|ve|re|t)$/u;

const isNoise = (word: string) =>
  calendar.test(word) || plain.has(word) || contraction.test(word) || word === PLACEHOLDER;
const types: readonly (readonly [NameType, RegExp])[] = [
  ['organisation', /^(?:Organization|Company|SportsTeam|School)$/],
  ['person', /^(?:Person|FirstName|LastName|MaleName|FemaleName)$/],
  ['place', /^(?:Place|City|Country|Region|Address)$/],
];
const typeOf = (tags: readonly string[]) => types.find(([, tag]) => tags.some((found) => tag.test(found)))?.[0];

/** Whether the word list has a lower-case word as a name, a weekday or a month alone, and not as a word of other meanings. */
export const isNameTag = (word: string): boolean =>
  lookUp(word).some((tag) => types.some(([, named]) => named.test(tag)) || /^(?:WeekDay|Month)$/.test(tag));

/**
 * An opening word is capitalised anyway: it is a name if a word list says so, if none knows it, or if it is a bare subject,
 * as a common noun would have its article ("Harbor slipped", but "The harbour froze").
 */
function isNameAtStart(word: string, sentence: Sentence): boolean {
  if (/.[\p{Lu}\p{N}]/u.test(word)) return true;
  const lower = word.toLowerCase();
  const tags = lookUp(lower);
  if (typeOf(tags)) return true;
  const at = sentence.words.findIndex(({ text }) => text === word);
  const tagged = sentence.words[at];
  if (tagged?.pos !== 'PROPN' || tagged.stop || isCue(tagged.stem)) return false;
  if (tags.length === 0 && !isCommon(lower)) return lookUp(lower.replace(/s$/, '')).length === 0;
  const next = sentence.words[at + 1];
  return !/(?:s|ing)$/.test(lower) && !tags.includes('Infinitive') && (next?.pos === 'AUX' || next?.lower === "'s");
}

/** URGENT and NEVER are shouted words, API and SQL are names. */
const isShouted = (word: string) =>
  /^\p{Lu}{4,}$/u.test(word) && (lookUp(word.toLowerCase()).length > 0 || isCommon(word.toLowerCase()));

function trim(label: string, atStart: boolean, sentence: Sentence): string {
  let words = label.split(' ');
  const isDropped = (word: string, first: boolean) =>
    isNoise(word.toLowerCase()) ||
    isShouted(word) ||
    (first && (markers.test(word.toLowerCase()) || (words.length > 1 && titles.test(word.toLowerCase()))));
  if (atStart && !isNameAtStart(words[0] ?? '', sentence)) words = words.slice(1);
  while (words.length > 0 && (isDropped(words[0] ?? '', true) || /^\p{Ll}/u.test(words[0] ?? '')))
    words = words.slice(1);
  while (words.length > 0 && (isDropped(words.at(-1) ?? '', false) || /^\p{Ll}/u.test(words.at(-1) ?? '')))
    words = words.slice(0, -1);
  return words.join(' ');
}

const firms = /\b(?:GmbH|AG|Ltd|Inc|LLC|Corp|SE|Bank|University|Institute|Foundation|Ministry|Agency)\b/;
const speech =
  /\b(?:said|says|told|asked|asks|wants?|wanted|agreed|thinks|thought|emailed|called|wrote|reported|reports|promised|decided|suggested|suggests|prefers?|confirmed|complained|insisted|offered|reviewed|joined|apologi[sz]ed|replied|noticed|explained|proposed|admitted|owns|leads|led|handed|lives|works|worked|took|takes|wrote|sent|sends|likes|handles|knows|left|fixed|found|apologized|refuses|refused|signed|hopes|hoped|volunteered|fell ill|is on (?:leave|holiday|vacation)|cannot|can not)\b/;
const speaks = new RegExp(String.raw`^(?:['’]s)? (?:(?:also|just|then|finally|now) )?${speech.source}`);
const spokenTo =
  /\b(?:met|told|asked|called|emailed|thank(?:ed|s)?|phoned|messaged|pinged|reminded|paired with|talked to|talked with|spoke (?:to|with)|chat(?:ted)? with|call with|meeting with|lunch with|convinced|interviewed|helped|hired|introduced) (?:\p{L}+ and )?$/u;
const placed = /\b(?:in|near|at|to|from) (?:the )?$/;

/** compromise sees the run with a few words on either side; tagging whole texts costs four times as much. */
function askCompromise(label: string, before: string, after: string): NameType | undefined {
  const window =
    `${before.split(/\s+/).slice(-3).join(' ')} ${label} ${after.trim().split(/\s+/).slice(0, 2).join(' ')}`.trim();
  const wanted = new Set(label.split(/[\s-]+/));
  const view = loadCompromise()(window).json({ terms: { text: true, tags: true } }) as {
    terms: { text: string; tags: string[] }[];
  }[];
  const tags = view.flatMap(({ terms }) => terms.filter(({ text }) => wanted.has(text)).flatMap((term) => term.tags));
  return typeOf(tags);
}

/** The type of a name: by the word list, by the grammar around it, by compromise; `name` when none of them knows. */
function typeName(label: string, before: string, after: string): NameType {
  if (firms.test(label)) return 'organisation';
  const isSimple = /^\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+)?$/u.test(label);
  const listed = typeOf(lookUp(label.toLowerCase())) ?? typeOf(lookUp(label.split(' ')[0]?.toLowerCase() ?? ''));
  if (listed === 'person' || listed === 'place') return listed === 'place' && speaks.test(after) ? 'person' : listed;
  if (isSimple && (speaks.test(after) || spokenTo.test(before.toLowerCase()))) return 'person';
  const asked = listed ?? (isSimple || placed.test(before) ? askCompromise(label, before, after) : undefined);
  return asked ?? 'name';
}

/** Nearly every word with a capital: a headline or shouting, where a capital says nothing. */
function isHeadline(sentence: Sentence): boolean {
  const words = sentence.plain.match(/\p{L}{2,}/gu) ?? [];
  const share = (pattern: RegExp) => words.filter((word) => pattern.test(word)).length / words.length;
  return words.length >= 4 && (share(/^\p{Lu}/u) > 0.85 || share(/^\p{Lu}+$/u) > 0.6);
}

/** "Marta and Ivo": what is joined to a person is a person. */
function besidePerson(names: readonly (Name & { at: number })[], index: number, text: string): boolean {
  const joined = (a: (Name & { at: number }) | undefined, b: (Name & { at: number }) | undefined) =>
    a !== undefined && b !== undefined && /^(?:,? and |, | & )$/.test(text.slice(a.at + a.label.length, b.at));
  const [before, name, after] = [names[index - 1], names[index], names[index + 1]];
  if (name?.type !== 'name' || !/^\p{Lu}\p{Ll}+$/u.test(name.label)) return false;
  return (joined(before, name) && before?.type === 'person') || (joined(name, after) && after?.type === 'person');
}

/**
 * The names in a sentence: runs of capitalised words; the opening word only if it is known as a name or not known at all.
 * Lower-case names and scripts without capitals yield nothing.
 */
export function findNames(sentence: Sentence): Name[] {
  const text = sentence.plain;
  const headline = isHeadline(sentence);
  const names = [...text.matchAll(run)].flatMap((match): (Name & { at: number })[] => {
    const opens = !/[\p{L}\p{N}]/u.test(text.slice(0, match.index)) || /[:"“(]\s*$/.test(text.slice(0, match.index));
    const label = trim(match[0], opens, sentence);
    if (label.length < 2 || (headline && !typeOf(lookUp(label.toLowerCase())))) return [];
    const at = text.indexOf(label, match.index);
    return [{ label, at, type: typeName(label, text.slice(0, at), text.slice(at + label.length)) }];
  });
  return names.map((name, index) => ({
    label: name.label,
    type: besidePerson(names, index, text) ? 'person' : name.type,
  }));
}
