import { TemplateError } from './errors.ts';
import { asNumber } from './numbers.ts';
import {
  asString,
  Dict,
  hashKey,
  iterate,
  orElse,
  PySet,
  type Py,
  Range,
  Tuple,
  typeName,
  Undefined,
  View,
} from './values.ts';

/** Python's `==`. */
export function equals(a: Py, b: Py): boolean {
  const [first, second] = [asString(a), asString(b)];
  if (first !== undefined || second !== undefined) return first === second;
  const [x, y] = [asNumber(a), asNumber(b)];
  // bigint and number compare by value here, as int and float do there.
  if (x !== undefined || y !== undefined) return x !== undefined && y !== undefined && sameNumber(x, y);
  if (a instanceof Undefined || b instanceof Undefined) return a instanceof Undefined && b instanceof Undefined;
  return equalCollections(a, b);
}

function sameNumber(x: bigint | number, y: bigint | number): boolean {
  return !(x < y) && !(x > y) && x === x && y === y;
}

function equalCollections(a: Py, b: Py): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return equalItems(a, b);
  if (a instanceof Tuple && b instanceof Tuple) return equalItems(a.items, b.items);
  if (a instanceof Range && b instanceof Range) return equalItems(a.items(), b.items());
  if (a instanceof Dict && b instanceof Dict)
    return (
      a.size === b.size && a.entries().every(([key, value]) => equals(value, orElse(b.get(key), new Undefined(''))))
    );
  if (a instanceof PySet && b instanceof PySet) return a.size === b.size && a.unordered().every((item) => b.has(item));
  if (a instanceof View || b instanceof View) throw new TemplateError('compare a list of it: | list');
  return a === b;
}

function equalItems(a: readonly Py[], b: readonly Py[]): boolean {
  return a.length === b.length && a.every((item, index) => equals(item, b[index] ?? null));
}

/** Python's order: below 0, 0 or above, NaN where neither comes first. Throws where Python knows none. */
export function compare(a: Py, b: Py): number {
  const [x, y] = [asNumber(a), asNumber(b)];
  if (x !== undefined && y !== undefined) return x < y ? -1 : x > y ? 1 : sameNumber(x, y) ? 0 : NaN;
  const [first, second] = [asString(a), asString(b)];
  if (first !== undefined && second !== undefined) return compareTexts(first, second);
  if (Array.isArray(a) && Array.isArray(b)) return compareItems(a, b);
  if (a instanceof Tuple && b instanceof Tuple) return compareItems(a.items, b.items);
  throw new TemplateError(`${typeName(a)} and ${typeName(b)} cannot be compared; | int makes a number of a text`);
}

/** By code points; JavaScript's own order is that of UTF-16. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (/[\ud800-\udfff]/.test(a + b)) return compareItems(Array.from(a, codePoint), Array.from(b, codePoint));
  return a < b ? -1 : 1;
}

function codePoint(character: string): bigint {
  return BigInt(character.codePointAt(0) ?? 0);
}

function compareItems(a: readonly Py[], b: readonly Py[]): number {
  const at = a.findIndex((item, index) => index >= b.length || !equals(item, b[index] ?? null));
  const [first, second] = [a[at], b[at]];
  if (at === -1 || first === undefined || second === undefined) return a.length - b.length;
  return compare(first, second);
}

/** Python's `sorted()`: what is equal keeps its order, also when it is reversed. */
export function sorted(items: Iterable<Py>, key: (item: Py) => Py, reverse: boolean): Py[] {
  const keyed = Array.from(items, (item) => [key(item), item] as const);
  const sign = reverse ? -1 : 1;
  return keyed.sort(([a], [b]) => sign * ordered(a, b)).map(([, item]) => item);
}

function ordered(a: Py, b: Py): number {
  const order = compare(a, b);
  if (Number.isNaN(order)) throw new TemplateError('nan has no place in an order');
  return order;
}

/** Python's `needle in within`. */
export function contains(within: Py, needle: Py): boolean {
  const text = asString(within);
  if (text !== undefined) {
    const part = asString(needle);
    if (part === undefined) throw new TemplateError(`${typeName(needle)} cannot be in a text`);
    return text.includes(part);
  }
  if (within instanceof Dict) return within.get(needle) !== undefined;
  if (within instanceof PySet) return within.has(needle);
  if (within instanceof View && within.kind === 'keys') return within.dict.get(needle) !== undefined;
  for (const item of iterate(within)) if (equals(item, needle)) return true;
  return false;
}

/** What is there twice only once. */
export function unique(items: Iterable<Py>, key: (item: Py) => Py): Py[] {
  const seen = new Set<string>();
  return Array.from(items).filter((item) => {
    const hash = hashKey(key(item));
    return !seen.has(hash) && seen.add(hash);
  });
}
