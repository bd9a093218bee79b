import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const memorySchema = z.strictObject({
  id: z.uuid(),
  content: z.string().min(1),
  context: z.string().min(1).optional(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime().optional(),
  tags: z.array(z.string()),
  metadata: z.strictObject({ agent: z.enum(['scout', 'quill']) }),
});

const questionSchema = z.strictObject({
  id: z.string().regex(/^q\d\d$/),
  question: z.string().endsWith('?'),
  answers: z.array(z.uuid()).min(1),
  kind: z.enum(['fact', 'changed', 'lesson', 'episode']),
  stale: z.array(z.uuid()).min(1).optional(),
});

const memories = readLines('journal.jsonl', memorySchema);
const questions = readLines('questions.jsonl', questionSchema);
const byId = new Map(memories.map((memory) => [memory.id, memory]));
const changed = questions.filter((question) => question.kind === 'changed');

function readLines<Row>(file: string, schema: z.ZodType<Row>): Row[] {
  const text = readFileSync(new URL(`../../sample/${file}`, import.meta.url), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => schema.parse(JSON.parse(line)));
}

function timeOf(id: string): number {
  const memory = byId.get(id);
  if (memory === undefined) throw new Error(`expected a memory of the sample journal, got the unknown id ${id}`);
  return Date.parse(memory.created_at);
}

/** Counts separate runs of more than nine memories of one agent that fit into five minutes. */
function countBursts(agent: string): number {
  const times = memories.filter((memory) => memory.metadata.agent === agent).map((memory) => timeOf(memory.id));
  let bursts = 0;
  for (let first = 0; first + 9 < times.length; first++) {
    if (Number(times[first + 9]) - Number(times[first]) > 5 * 60_000) continue;
    bursts += 1;
    first += 9;
  }
  return bursts;
}

describe('the sample journal', () => {
  it('holds about 400 memories with ids of their own, in order of time', () => {
    const times = memories.map((memory) => Date.parse(memory.created_at));
    expect(memories.length).toBeGreaterThanOrEqual(390);
    expect(memories.length).toBeLessThanOrEqual(420);
    expect(byId.size).toBe(memories.length);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('covers every day of 1 to 30 March 2026 with five memories or more', () => {
    const days = Array.from({ length: 30 }, (_, day) => `2026-03-${String(day + 1).padStart(2, '0')}`);
    const written = memories.map((memory) => memory.created_at.slice(0, 10));
    expect([...new Set(written)]).toEqual(days);
    for (const day of days) {
      expect(written.filter((other) => other === day).length, day).toBeGreaterThanOrEqual(5);
    }
  });

  it('is written between 05:00 and 23:00, and edited only later on the same day', () => {
    expect(memories.filter(({ created_at }) => !/T(0[5-9]|1\d|2[0-2]):/.test(created_at))).toEqual([]);
    for (const { created_at, updated_at } of memories.filter((memory) => memory.updated_at !== undefined)) {
      expect(updated_at?.slice(0, 10)).toBe(created_at.slice(0, 10));
      expect(Date.parse(String(updated_at))).toBeGreaterThan(Date.parse(created_at));
    }
  });

  it('leaves a tenth or so to the second agent and overfills working memory at least three times', () => {
    const share = memories.filter((memory) => memory.metadata.agent === 'quill').length / memories.length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.15);
    expect(countBursts('scout')).toBeGreaterThanOrEqual(3);
  });
});

describe('the sample questions', () => {
  it('are sixty, and name only memories that exist', () => {
    const named = questions.flatMap((question) => [...question.answers, ...(question.stale ?? [])]);
    expect(new Set(questions.map((question) => question.id)).size).toBe(60);
    expect(questions).toHaveLength(60);
    expect(named.filter((id) => !byId.has(id))).toEqual([]);
  });

  it('ask twenty times about a fact that changed, answered by the newest memory', () => {
    expect(changed).toHaveLength(20);
    expect(questions.filter((question) => question.stale !== undefined)).toEqual(changed);
    for (const { answers, stale } of changed) {
      expect(answers).toHaveLength(1);
      expect(Math.min(...answers.map(timeOf))).toBeGreaterThan(Math.max(...(stale ?? []).map(timeOf)));
    }
  });
});
