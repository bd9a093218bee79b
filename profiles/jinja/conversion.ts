import type { Value } from '../value.ts';
import { isMapping } from '../value.ts';
import { TemplateError } from './errors.ts';
import { asString, Dict, type Py, typeName, Undefined } from './values.ts';

/** A value of a template as one of a profile. Throws for what a profile cannot hold, a tuple or an iterator for example. */
export function toValue(value: Py): Value {
  const text = asString(value);
  if (text !== undefined) return text;
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return wholeNumber(value);
  if (Array.isArray(value)) return value.map(toValue);
  if (value instanceof Dict)
    return Object.fromEntries(value.entries().map(([key, item]) => [keyOf(key), toValue(item)]));
  if (value instanceof Undefined) throw new TemplateError(value.message);
  throw new TemplateError(`${typeName(value)} is no value of a profile; make a list of it with | list`);
}

function wholeNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new TemplateError(`the number ${value} has too many digits to stay exact; make it a text with | string`);
}

function keyOf(key: Py): string {
  const text = asString(key);
  if (text !== undefined) return text;
  throw new TemplateError(`${typeName(key)} is no key in a profile; keys are text`);
}

/** A value that came from outside, of `--vars`; undefined for what YAML cannot express. */
export function fromValue(value: unknown): Py | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((item) => fromValue(item) ?? null);
  if (isMapping(value))
    return new Dict(Object.entries(value).map(([key, item]) => [key, fromValue(item) ?? null] as const));
  return undefined;
}
