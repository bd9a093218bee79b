import { z } from 'zod';
import type { Call } from './calls.ts';

const VALUES: Record<string, unknown> = { number: 7, integer: 7, boolean: true, array: [], object: {} };

const shapeSchema = z.object({ properties: z.record(z.string(), z.object({ type: z.string().catch('string') })) });

/**
 * What stands for an answer that is not known, where NULL has stood for it before: something else, of the type that is asked
 * for. No transaction that has seen it is ever committed.
 */
export function inventValue({ name, schema }: Pick<Call, 'name' | 'schema'>): string | readonly number[] {
  if (name === 'llm_embed') return [1];
  return name === 'llm_generate' ? '?' : inventJson(schema ?? '');
}

function inventJson(schema: string): string {
  try {
    const { properties } = shapeSchema.parse(JSON.parse(schema));
    const fields = Object.entries(properties).map(([field, { type }]) => [field, VALUES[type] ?? '?']);
    return JSON.stringify(Object.fromEntries(fields));
  } catch {
    // No schema, or none of an object: resolving the call says what is wrong with it.
    return '"?"';
  }
}
