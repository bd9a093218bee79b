import type { Mention } from './dates.ts';
import { findNames, type Name } from './names.ts';
import { PLACEHOLDER, type Sentence, type Word } from './sentences.ts';

export type EntityType = 'person' | 'place' | 'organisation' | 'tag' | 'code' | 'date' | 'term' | 'name';
export interface Entity {
  /** Canonical key, lower case: equal keys of two memories mean the same thing. */
  readonly name: string;
  /** As written. */
  readonly label: string;
  readonly type: EntityType;
}

/** At most so many entities, and terms among them, of one memory. */
const ENTITIES = 40;
const TERMS = 14;

/** Nouns that are in every other note and so link nothing. */
const weak = new Set(
  'thing time day week month year hour minute second way lot bit part kind people person one today tomorrow yesterday morning afternoon evening night moment case example place number side end start point stuff fact reason item note goal task action decision lesson update fyi todo monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december everyone everything something anything nothing nobody'.split(
    ' ',
  ),
);
const units =
  /^(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|times?|people|users?|percent|euros|dollars|am|pm)$/;

const isTerm = ({ lower, pos, stop }: Word) =>
  (pos === 'NOUN' || pos === 'PROPN') &&
  !stop &&
  /^\p{L}[\p{L}-]{2,30}$/u.test(lower) &&
  lower !== PLACEHOLDER &&
  !weak.has(lower) &&
  !weak.has(lower.replace(/s$/, ''));

/** "port 5433", "room 12": a number means something together with the noun before it, unless it counts what follows. */
function numbered(words: readonly Word[]): Entity[] {
  return words.flatMap((word, index): Entity[] => {
    const [before, after] = [words[index - 1], words[index + 1]];
    if (
      !before ||
      !isTerm(before) ||
      !/^\d{2,10}$/.test(word.text) ||
      (after && (units.test(after.lower) || after.pos === 'NOUN'))
    )
      return [];
    return [{ name: `${before.lower} ${word.text}`, label: `${before.text} ${word.text}`, type: 'code' }];
  });
}

const named = ({ label, type }: Name): Entity => ({ name: label.toLowerCase().replaceAll('’', "'"), label, type });

/** "Yuki Tanaka" is mentioned as "Yuki" elsewhere: a person is known by the first name as well. */
function withFirstName(entity: Entity): Entity[] {
  const [first, last] = entity.label.split(' ');
  if (entity.type !== 'person' || !first || !last) return [entity];
  return [entity, { name: first.toLowerCase(), label: first, type: 'person' }];
}

/** A word that stands capitalised inside one sentence is a name at the start of another, too: "Harbor is late. … for Harbor". */
function namesOf(sentences: readonly Sentence[]): Entity[] {
  const found = sentences.flatMap(findNames).map(named);
  const known = new Map(found.map((entity) => [entity.label, entity]));
  const atStart = sentences.flatMap(({ words }) => known.get(words[0]?.text ?? '') ?? []);
  return [...found, ...atStart].flatMap(withFirstName);
}

function termsOf(sentences: readonly Sentence[], taken: ReadonlySet<string>): Entity[] {
  const terms = sentences.flatMap(({ words }) => words.filter(isTerm)).filter(({ lower }) => !taken.has(lower));
  const uses = new Map<string, number>();
  for (const { stem } of terms) uses.set(stem, (uses.get(stem) ?? 0) + 1);
  const entities = terms.map(({ stem, text }): Entity => ({ name: stem, label: text, type: 'term' }));
  return unique(entities)
    .sort((a, b) => (uses.get(b.name) ?? 0) - (uses.get(a.name) ?? 0))
    .slice(0, TERMS);
}

/** The first entity of each key, the better type winning over `name`. */
function unique(entities: readonly Entity[]): Entity[] {
  const byName = new Map<string, Entity>();
  for (const entity of entities) {
    const known = byName.get(entity.name);
    if (!known || (known.type === 'name' && entity.type !== 'term')) byName.set(entity.name, entity);
  }
  return [...byName.values()];
}

/** What is named for certain, without the general terms: people, places, organisations, names, codes and numbers. */
export const namedEntities = (sentences: readonly Sentence[]): Entity[] =>
  unique([
    ...namesOf(sentences),
    ...sentences.flatMap(({ codes }) => codes.map(({ name, label, type }): Entity => ({ name, label, type }))),
    ...sentences.flatMap(({ words }) => numbered(words)),
  ]);

/** All entities of a memory, most telling first: names, codes, tags, dates, then content nouns as Porter2 stems. */
export function findEntities(
  sentences: readonly Sentence[],
  tags: readonly string[],
  dates: readonly Mention[],
): Entity[] {
  const named = namedEntities(sentences);
  const openers = new Set(sentences.map(({ words }) => words[0]?.lower ?? ''));
  // A word that opens a sentence may be a name for want of a better guess; what a list knows as a name is nothing else.
  const isTaken = (word: string, type: EntityType) => !openers.has(word) || type !== 'name';
  const taken = new Set(named.flatMap(({ name, type }) => name.split(/[ -]/).filter((word) => isTaken(word, type))));
  const tagged = tags.map((label): Entity => ({
    name: label.trim().replace(/^#/, '').toLowerCase(),
    label,
    type: 'tag',
  }));
  const dated = dates.map(({ iso, label }): Entity => ({ name: iso, label, type: 'date' }));
  return unique([...named, ...tagged, ...dated, ...termsOf(sentences, taken)])
    .filter(({ name }) => name !== '')
    .slice(0, ENTITIES);
}
