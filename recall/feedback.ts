import type pg from 'pg';
import { ConfigurationError, ServiceError } from '../memory/errors.ts';
import { readRecallEventsFacts, whyUnwritable } from '../source/recall-events.ts';
import { gradeRecall, readRecall, type Given, type Grade } from './events.ts';

/** Characters from which on the beginning of an id stands for it, as a context shows them. */
const LEAST_PREFIX = 8;

/** Of what use the memories of a recall were to whoever asked. */
export interface Feedback {
  /** Ids of memories that were of use, or their first 8 or more characters. */
  readonly used?: readonly string[] | undefined;
  /** Ids of memories that were not what was asked for. */
  readonly wrong?: readonly string[] | undefined;
  /** When it is said, ISO 8601 with a zone; by default as long after the question as it really is. */
  readonly asOf?: string | undefined;
}

/** How a recall stands after feedback: each of its memories is in one of the three lists. */
export interface FeedbackReport {
  readonly recall_id: string;
  readonly used: readonly string[];
  readonly wrong: readonly string[];
  readonly ungraded: readonly string[];
  /** Grades that were new. */
  readonly recorded: number;
}

/** What feedback says of each memory. */
type Grades = ReadonlyMap<string, Grade>;

/** @throws ConfigurationError for feedback that says nothing, or both of one memory */
export function readGrades({ used = [], wrong = [] }: Feedback): Grades {
  const both = used.filter((id) => wrong.includes(id));
  if (both.length > 0)
    throw new ConfigurationError(`${list(both)}: given as used and as wrong; a memory is one of both`);
  if (used.length + wrong.length === 0)
    throw new ConfigurationError('expected the id of a memory that was used, or of one that was wrong, got none');
  const graded = (ids: readonly string[], grade: Grade) => ids.map((id) => [id, grade] as const);
  return new Map([...graded(used, 'used'), ...graded(wrong, 'wrong')]);
}

/** Which recall is graded. */
export interface GradedRecall {
  readonly recallId: string;
  /** The profile's. */
  readonly target: string;
  /** When it is graded, ISO 8601; by default as long after the question as it really is. */
  readonly asOf?: string | undefined;
}

/**
 * Grades a recall; the next cycle strengthens what was of use. The same once more changes nothing, and a grade stands.
 * @throws ConfigurationError for an unknown recall, a memory that was not in it, or one that is graded otherwise; ServiceError where
 * grades cannot be added
 */
export async function giveFeedback(
  client: pg.ClientBase,
  { recallId, target, asOf }: GradedRecall,
  grades: Grades,
): Promise<FeedbackReport> {
  const why = whyUnwritable(await readRecallEventsFacts(async (sql) => (await client.query<object>(sql)).rows));
  if (why !== null) throw new ServiceError(`feedback cannot be kept: ${why}`);
  const shown = await readOwn(client, target, recallId);
  const whole = completeIds(shown, grades);
  check(shown, recallId, whole);
  const recorded = await gradeRecall(client, { target, recallId, asOf: asOf ?? null }, whole);
  const given = await readOwn(client, target, recallId);
  // Somebody else may have graded it meanwhile.
  check(given, recallId, whole);
  const idsOf = (wanted: Grade | null) =>
    given.filter(({ grade }) => grade === wanted).map(({ memory_id }) => memory_id);
  return { recall_id: recallId, used: idsOf('used'), wrong: idsOf('wrong'), ungraded: idsOf(null), recorded };
}

async function readOwn(client: pg.ClientBase, target: string, recallId: string): Promise<Given[]> {
  const given = await readRecall(client, recallId);
  const own = given.filter((each) => each.target === target);
  if (own.length > 0) return own;
  const [other] = given;
  throw new ConfigurationError(
    other === undefined
      ? `no recall ${recallId} is recorded; an answer of recall that was recorded says its recall_id`
      : `recall ${recallId} asked the memories of target ${other.target}, not those of ${target}`,
  );
}

/** A context shows the beginnings of ids; those that one memory of the recall alone begins with stand for it. */
function completeIds(given: readonly Given[], grades: Grades): Grades {
  const complete = (id: string) => {
    const meant = given.filter(({ memory_id: each }) => id.length >= LEAST_PREFIX && each.startsWith(id));
    return given.some(({ memory_id: each }) => each === id) || meant.length !== 1 ? id : (meant[0]?.memory_id ?? id);
  };
  const whole = [...grades].map(([id, grade]) => [complete(id), grade] as const);
  if (whole.some(([id, grade]) => whole.some(([other, otherwise]) => other === id && otherwise !== grade)))
    throw new ConfigurationError('given as used and as wrong: two beginnings of one id; a memory is one of both');
  return new Map(whole);
}

function check(given: readonly Given[], recallId: string, grades: Grades): void {
  const known = given.map(({ memory_id }) => memory_id);
  const foreign = [...grades.keys()].filter((id) => !known.includes(id));
  if (foreign.length > 0)
    throw new ConfigurationError(`${list(foreign)}: not in recall ${recallId}, which gave ${list(known)}`);
  const otherwise = given.filter(
    ({ memory_id, grade }) => grade !== null && (grades.get(memory_id) ?? grade) !== grade,
  );
  if (otherwise.length > 0)
    throw new ConfigurationError(
      `${otherwise.map(({ memory_id, grade }) => `${memory_id} was said to be ${String(grade)} before`).join('; ')}: a grade stands`,
    );
}

const list = (ids: readonly string[]) => ids.join(', ');
