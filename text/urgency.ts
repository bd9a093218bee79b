import type { Affect } from './affect.ts';
import { today, type Mention, type Moment } from './dates.ts';
import type { Kind } from './kind.ts';
import type { Sentence } from './sentences.ts';
import type { Reading } from './telling.ts';

const clamp = (value: number) => Math.min(1, Math.max(0, value));

const pressing =
  /\b(?:urgent(?:ly)?|asap|as soon as possible|immediate(?:ly)?|right (?:now|away)|at once|hurry|time-critical|last minute|no time|overdue|blocking|blocker|blocked|waiting for (?:us|me)|before it is too late)\b/g;

/** Pressing words that are not negated: "not urgent" presses nothing. */
function presses({ words }: Sentence): number {
  const text = words.map(({ lower, negated }) => (negated ? '-' : lower)).join(' ');
  return Math.min(1, 0.7 * (text.match(pressing)?.length ?? 0));
}

/** 1 for a limit today, falling by half every three days; 0 for what lies behind. */
function nearness(dates: readonly Mention[], moment: Moment): number {
  const now = today(moment)?.getTime();
  if (now === undefined) return 0;
  const days = dates
    .filter(({ iso }) => iso.length === 10)
    .map(({ iso, ahead }) => ({ days: (Date.parse(iso) - now) / 86_400_000, ahead }));
  return Math.max(
    0,
    ...days.filter((date) => date.days >= 0).map((date) => 2 ** (-date.days / 3) * (date.ahead ? 1 : 0.6)),
  );
}

/** Something is failing as it is written: a failure told in the present, or with no verb of repair beside it. */
const ongoing = ({ sentence, cues }: Reading) =>
  cues.failure *
  (/\b(?:is|are|still|keeps?|now|currently)\b/i.test(sentence.text) &&
  !/\b(?:fixed|resolved|restored|recovered|solved|over)\b/i.test(sentence.text)
    ? 1
    : 0.4);

/** Urgency, 0 to 1: pressing words 0.45, the nearest limit 0.35, trouble that goes on 0.4, an open task 0.15, arousal 0.1. */
export function urgencyOf(readings: readonly Reading[], { arousal }: Affect, kind: Kind, moment: Moment): number {
  if (readings.length === 0) return 0;
  const most = (measure: (reading: Reading) => number) => Math.max(0, ...readings.map(measure));
  const calm = 1 - 0.8 * Math.min(...readings.map(({ cues }) => cues.routine));
  const limit = most(
    ({ dates, cues }) =>
      nearness(dates, moment) *
      (kind === 'task' || kind === 'goal' || cues.commitment > 0 || dates.some(({ ahead }) => ahead) ? 1 : 0.3),
  );
  return clamp(
    calm *
      (0.45 * most(({ sentence }) => presses(sentence)) +
        0.35 * limit +
        0.4 * most(ongoing) +
        (kind === 'task' ? 0.15 : 0) +
        0.1 * arousal),
  );
}
