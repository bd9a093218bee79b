import { isDeepStrictEqual } from 'node:util';
import { isMapping, type Value } from './value.ts';

/** As Python's str() prints it. */
export function toText(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (value === null) return 'None';
  const quote = (item: Value) => (typeof item === 'string' ? `'${item.replace(/[\\']/g, '\\$&')}'` : toText(item));
  if (!isMapping(value)) return `[${value.map(quote).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${quote(key)}: ${quote(item)}`)
    .join(', ')}}`;
}

/** As Python sees it: nothing, zero and whatever is empty are false. */
export function truthy(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value);
  return (isMapping(value) ? Object.keys(value) : value).length > 0;
}

/** A Python number, or undefined: `1_000`, `1e3` and `0x10` are some, `010` is none. */
export function readNumber(text: string): number | undefined {
  const digits = String.raw`\d+(?:_\d+)*`;
  const decimal = new RegExp(
    `^[-+]?(?:(?!0\\d)${digits}|(?:${digits}\\.(?:${digits})?|\\.${digits}|${digits}(?=e))(?:e[-+]?${digits})?)$`,
    'i',
  );
  if (decimal.test(text)) return Number(text.replaceAll('_', ''));
  return /^0(?:x[\da-f]+|o[0-7]+|b[01]+)$/i.test(text) ? Number(text) : undefined;
}

/** undefined: the operator does not fit the values. A text cannot be multiplied, so templates cannot grow without bound. */
export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['~', (a, b) => toText(a) + toText(b)],
  ['+', (a, b) => (typeof a === 'string' && typeof b === 'string' ? a + b : numeric(a, b, (x, y) => x + y))],
  ['-', (a, b) => numeric(a, b, (x, y) => x - y)],
  ['*', (a, b) => numeric(a, b, (x, y) => x * y)],
  ['/', (a, b) => numeric(a, b, (x, y) => x / y)],
  ['==', (a, b) => isDeepStrictEqual(a, b)],
  ['!=', (a, b) => !isDeepStrictEqual(a, b)],
  ['<', (a, b) => compare(a, b, (order) => order < 0)],
  ['>', (a, b) => compare(a, b, (order) => order > 0)],
  ['<=', (a, b) => compare(a, b, (order) => order <= 0)],
  ['>=', (a, b) => compare(a, b, (order) => order >= 0)],
  ['in', contains],
  ['not in', (a, b) => negated(contains(a, b))],
]);

type Operator = (a: Value, b: Value) => Value | undefined;

function numeric(a: Value, b: Value, compute: (x: number, y: number) => number): number | undefined {
  if (typeof a !== 'number' || typeof b !== 'number') return undefined;
  const result = compute(a, b);
  return Number.isFinite(result) ? result : undefined;
}

function compare(a: Value, b: Value, holds: (order: number) => boolean): boolean | undefined {
  if (typeof a === 'number' && typeof b === 'number') return holds(a - b);
  return typeof a === 'string' && typeof b === 'string' ? holds(a < b ? -1 : a > b ? 1 : 0) : undefined;
}

function contains(needle: Value, within: Value): boolean | undefined {
  if (typeof within === 'string') return typeof needle === 'string' ? within.includes(needle) : undefined;
  if (isMapping(within)) return Object.hasOwn(within, toText(needle));
  return Array.isArray(within) ? within.some((value) => isDeepStrictEqual(value, needle)) : undefined;
}

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}
