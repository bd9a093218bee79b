import { z } from 'zod';
import { measureAffect } from '../text/affect.ts';
import { findCues } from '../text/cues.ts';
import { findDates, type Moment } from '../text/dates.ts';
import { findEntities, namedEntities } from '../text/entities.ts';
import { fence } from '../llm/fence.ts';
import { addressesReader } from '../text/grammar.ts';
import { findKind, isPlausible, kinds } from '../text/kind.ts';
import type { Task } from '../llm/task.ts';
import { importanceOf, type Reading } from '../text/telling.ts';
import { urgencyOf } from '../text/urgency.ts';
import { whatIsSaid } from '../text/speaker.ts';
import { pickGist } from '../text/summary.ts';
import { isStopWord, readSentences, type Sentence } from '../text/sentences.ts';
import { standsIn } from '../text/told.ts';

const share = z.number().min(0).max(1);
const entityType = z.enum(['person', 'place', 'organisation', 'tag', 'code', 'date', 'term', 'name']);

export const featuresSchema = z.object({
  kind: z.enum(kinds),
  importance: share,
  urgency: share,
  arousal: share,
  valence: z.number().min(-1).max(1),
  entities: z.array(
    z.object({
      /** Canonical key, lower case. */
      name: z.string().min(1),
      /** As written. */
      label: z.string(),
      type: entityType,
    }),
  ),
  /** YYYY-MM-DD, in order, each once. */
  dates: z.array(z.iso.date()),
  /** The sentence that says most: a verbatim part of the content, or empty. */
  gist: z.string().max(280),
});

/** What a model is asked for: no dates, since counting days is arithmetic, which rules do and a model guesses. */
const askedSchema = featuresSchema.omit({ dates: true }).extend({
  entities: z.array(z.object({ label: z.string().min(1).max(80), type: entityType })).max(24),
});

export type Features = z.infer<typeof featuresSchema>;
type Asked = z.infer<typeof askedSchema>;

/** One memory as it was written; `createdAt` is ISO in UTC, `timezone` an IANA name. */
export interface FeaturesInput {
  content: string;
  createdAt: string;
  timezone: string;
  tags: string[];
}

const round = (value: number) => Math.round(value * 1000) / 1000;

const readCues = (sentence: Sentence, moment: Moment): Reading => ({
  sentence,
  cues: findCues(sentence),
  dates: findDates(sentence, moment),
  named: namedEntities([sentence]),
});

/** The features by rules. Sentences that speak to the rater tell nothing; their nouns are still entities. */
function measure({ content, tags, createdAt, timezone }: FeaturesInput): Features {
  const sentences = readSentences(whatIsSaid(content));
  const moment = { createdAt, timezone };
  const readings = sentences
    .filter((sentence) => !addressesReader(sentence))
    .map((sentence) => readCues(sentence, moment));
  const told = readings.map(({ sentence }) => sentence);
  const kind = findKind(told, tags);
  const affect = measureAffect(
    told,
    readings.map(({ cues }) => cues),
  );
  const mentions = readings.flatMap(({ dates }) => dates);
  return {
    kind,
    importance: round(importanceOf(readings, kind)),
    urgency: round(urgencyOf(readings, affect, kind, moment)),
    arousal: round(affect.arousal),
    valence: round(affect.valence),
    entities: findEntities(sentences, tags, mentions),
    dates: [...new Set(mentions.map(({ iso }) => iso).filter((iso) => iso.length === 10))].sort(),
    gist: pickGist(
      told,
      readings.map((reading) => importanceOf([reading])),
    ),
  };
}

const instructions = `You read notes of an agent's memory and rate each of them by itself.
kind: goal (something to reach), task (something to do), action (something done), note (anything else).
importance: 0 routine, 0.5 worth knowing for a week, 1 a decision, failure, change or lesson that matters for months.
urgency: 0 can wait, 1 must be dealt with today. arousal: 0 calm, 1 agitated. valence: -1 bad, 0 neutral, 1 good.
entities: people, places, organisations and things that the note names, each as it is written there.
gist: the sentence of the note that says most, word for word.`;

// Tags stand in the note's fence: a fence of their own would cost as many tokens as a short note.
const render = ({ content, createdAt, tags }: FeaturesInput) =>
  `Written ${createdAt.slice(0, 16)}\n${fence(tags.length > 0 ? `${content}\nTags: ${tags.join(', ')}` : content)}`;

/**
 * How far a model's numbers (shares of 1) may lie from the rules': theirs differ by this much where a person's judgement may too.
 * A design choice, and a bound of trust, so no parameter: it keeps a note from talking a model into anything.
 */
const DRIFT = 0.3;

/** The value, moved to within `most` of the fallback's: however a model was talked into it, it gets no farther. */
function bounded(value: number, fallback: number, most: number): number {
  return Math.min(fallback + most, Math.max(fallback - most, value));
}

/** The model's judgement within bounds; where a text addresses its reader, that of the rules. */
function reconcile(asked: Asked, fallback: Features, { content, tags }: FeaturesInput): Features {
  const sentences = readSentences(content);
  const drift = sentences.some(addressesReader) ? 0 : DRIFT;
  const near = (name: 'importance' | 'urgency' | 'arousal' | 'valence', most = drift) =>
    round(bounded(asked[name], fallback[name], most));
  return {
    kind: drift > 0 && isPlausible(asked.kind, sentences, tags) ? asked.kind : fallback.kind,
    importance: near('importance'),
    urgency: near('urgency'),
    arousal: near('arousal'),
    // Twice as wide a scale.
    valence: near('valence', 2 * drift),
    entities: joinEntities(asked, fallback, content),
    dates: fallback.dates,
    gist: standsIn(asked.gist, content) ? asked.gist : fallback.gist,
  };
}

/**
 * The rules' entities, typed as the model types them, and those of the model's that the text does name: whole words, not pieces
 * of them, and more than the grammar's own. Days are the rules', who know which day a word means.
 */
function joinEntities(asked: Asked, fallback: Features, content: string): Features['entities'] {
  const text = content.toLowerCase();
  const found = asked.entities
    .map(({ label, type }) => ({ name: label.trim().toLowerCase(), label: label.trim(), type }))
    .filter(
      ({ name, type }) => type !== 'date' && /[\p{L}\p{N}]/u.test(name) && standsIn(name, text) && !isStopWord(name),
    );
  const all = [...fallback.entities, ...found].map((entity) => [entity.name, entity] as const);
  return [...new Map(all).values()];
}

/** What one memory says, how much it matters and how it is felt. Reads at most the first 8,000 characters. */
export const featuresTask: Task<FeaturesInput, Features, Asked> = {
  name: 'features',
  version: 1,
  rulesVersion: 2,
  answer: featuresSchema,
  fallback: measure,
  role: 'extract',
  asked: askedSchema,
  instructions,
  render,
  batch: 24,
  rateLimit: { of: 'partial', perMemory: 0.045 },
  answerTokens: 130,
  reconcile,
};
