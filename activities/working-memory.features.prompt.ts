import { z } from 'zod';
import { measureAffect } from '../llm/affect.ts';
import { findCues } from '../llm/cues.ts';
import { findDates, type Moment } from '../llm/dates.ts';
import { findEntities, namedEntities } from '../llm/entities.ts';
import { addressesReader } from '../llm/grammar.ts';
import { findKind, kinds } from '../llm/kind.ts';
import type { Task } from '../llm/llm.ts';
import { importanceOf, urgencyOf, weighSentences, type Reading } from '../llm/salience.ts';
import { pickGist } from '../llm/summary.ts';
import { readText, type Sentence } from '../llm/text.ts';

const share = z.number().min(0).max(1);

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
      type: z.enum(['person', 'place', 'organisation', 'tag', 'code', 'date', 'term', 'name']),
    }),
  ),
  /** YYYY-MM-DD, in order, each once. */
  dates: z.array(z.iso.date()),
  /** The sentence that says most: a verbatim part of the content, or empty. */
  gist: z.string().max(280),
});

export type Features = z.infer<typeof featuresSchema>;

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

/** The features by rules. Sentences that speak to the rater give no cue; their nouns are still entities. */
function measure({ content, tags, createdAt, timezone }: FeaturesInput): Features {
  const sentences = readText(content);
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
  const weighed = weighSentences(readings, affect, kind);
  const mentions = readings.flatMap(({ dates }) => dates);
  return {
    kind,
    importance: round(importanceOf(weighed)),
    urgency: round(urgencyOf(readings, affect, kind, moment)),
    arousal: round(affect.arousal),
    valence: round(affect.valence),
    entities: findEntities(sentences, tags, mentions),
    dates: [...new Set(mentions.map(({ iso }) => iso).filter((iso) => iso.length === 10))].sort(),
    gist: pickGist(told, weighed),
  };
}

/** What one memory says, how much it matters and how it is felt. Reads at most the first 8,000 characters. */
export const featuresTask: Task<FeaturesInput, Features> = {
  name: 'features',
  version: 1,
  answer: featuresSchema,
  standIn: measure,
};
