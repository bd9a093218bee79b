import { TemplateError } from './errors.ts';

/**
 * The values of a template, as Python has them: `bigint` is int, `number` is float, an array is a list. Everything else is a
 * class of ours, so that no member of a JavaScript object can be mistaken for one of the value.
 */
export type Py =
  | null
  | boolean
  | bigint
  | number
  | string
  | Marked
  | Py[]
  | Tuple
  | Dict
  | PySet
  | Range
  | View
  | Stream
  | Undefined
  | Callable
  | Members;

/**
 * A text with a mark on it. dbt's `as_number` and the like mark what the whole template is read as in the end, and until then
 * it is a text like any other; `html` is what `| safe`, `| escape` and `| tojson` give.
 */
export class Marked {
  readonly text: string;
  readonly kind: 'text' | 'native' | 'bool' | 'number' | 'html';
  constructor(text: string, kind: Marked['kind']) {
    this.text = text;
    this.kind = kind;
  }
}

export class Tuple {
  readonly items: readonly Py[];
  constructor(items: readonly Py[]) {
    this.items = items;
  }
}

/** Keeps the order of insertion; keys that are equal are one (`1`, `1.0` and `True`), and the first of them stays. */
export class Dict {
  readonly #entries = new Map<string, [Py, Py]>();

  constructor(pairs: Iterable<readonly [Py, Py]> = []) {
    for (const [key, value] of pairs) this.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Py): Py | undefined {
    return this.#entries.get(hashKey(key))?.[1];
  }

  set(key: Py, value: Py): void {
    const hash = hashKey(key);
    this.#entries.set(hash, [orElse(this.#entries.get(hash)?.[0], plain(key)), value]);
  }

  delete(key: Py): void {
    this.#entries.delete(hashKey(key));
  }

  entries(): [Py, Py][] {
    return [...this.#entries.values()];
  }
}

/** Python's set. The order in which Python lists it changes from run to run, so it cannot be listed here. */
export class PySet {
  readonly #items = new Map<string, Py>();

  constructor(items: Iterable<Py> = []) {
    for (const item of items) this.add(item);
  }

  get size(): number {
    return this.#items.size;
  }

  has(value: Py): boolean {
    return this.#items.has(hashKey(value));
  }

  add(value: Py): void {
    if (!this.has(value)) this.#items.set(hashKey(value), plain(value));
  }

  /** For what does not depend on the order. */
  unordered(): Py[] {
    return [...this.#items.values()];
  }
}

/** Whole numbers from `start` in steps; the items are made when they are asked for. */
export class Range {
  readonly start: bigint;
  readonly stop: bigint;
  readonly step: bigint;
  readonly length: number;

  constructor(start: bigint, stop: bigint, step: bigint) {
    [this.start, this.stop, this.step] = [start, stop, step];
    const span = step > 0n ? stop - start : start - stop;
    const stride = step > 0n ? step : -step;
    this.length = span <= 0n ? 0 : Number((span + stride - 1n) / stride);
  }

  items(): Py[] {
    return Array.from({ length: this.length }, (_, index) => this.start + BigInt(index) * this.step);
  }
}

/** What `.keys()`, `.values()` and `.items()` of a dict give. */
export class View {
  readonly dict: Dict;
  readonly kind: 'keys' | 'values' | 'items';
  constructor(dict: Dict, kind: View['kind']) {
    this.dict = dict;
    this.kind = kind;
  }

  items(): Py[] {
    const entries = this.dict.entries();
    if (this.kind === 'items') return entries.map((entry) => new Tuple(entry));
    return entries.map(([key, value]) => (this.kind === 'keys' ? key : value));
  }
}

/** What can be gone through once: the result of `| map`, `| select`, `zip()` and others. */
export class Stream {
  readonly iterator: Iterator<Py>;
  constructor(items: Iterable<Py>) {
    this.iterator = items[Symbol.iterator]();
  }
}

/** What a name or a member that is not there gives; `blank` when it may be printed, as nothing. */
export class Undefined {
  readonly message: string;
  readonly blank: boolean;
  constructor(message: string, blank = false) {
    this.message = message;
    this.blank = blank;
  }
}

export type Named = ReadonlyMap<string, Py>;

/** A function, or a method with its subject. */
export class Callable {
  readonly name: string;
  readonly call: (args: readonly Py[], named: Named) => Py;
  constructor(name: string, call: Callable['call']) {
    this.name = name;
    this.call = call;
  }
}

/** What has nothing but members: `loop`, a `namespace()`. */
export class Members {
  readonly kind: string;
  readonly read: (name: string) => Py | undefined;
  /** Only of a namespace. */
  readonly write: ((name: string, value: Py) => void) | undefined;
  constructor(kind: string, read: Members['read'], write?: Members['write']) {
    this.kind = kind;
    this.read = read;
    this.write = write;
  }
}

/** Without dbt's marks, which no operation minds. */
export function plain(value: Py): Py {
  return value instanceof Marked && value.kind !== 'html' ? value.text : value;
}

/** `??` would take None for nothing. */
export function orElse(value: Py | undefined, fallback: Py): Py {
  return value === undefined ? fallback : value;
}

/** The text of a text, marked or not; undefined for everything else. */
export function asString(value: Py): string | undefined {
  if (value instanceof Marked) return value.text;
  return typeof value === 'string' ? value : undefined;
}

/** What Python calls the type. */
export function typeName(value: Py): string {
  if (value === null) return 'None';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Members) return `a ${value.kind}`;
  const found = classes.find(([type]) => value instanceof type);
  return found ? found[1] : (primitives[typeof value] ?? 'a value');
}

const primitives: Readonly<Record<string, string>> = {
  boolean: 'a bool',
  bigint: 'an int',
  number: 'a float',
  string: 'a text',
};

const classes = [
  [Marked, 'a text'],
  [Tuple, 'a tuple'],
  [Dict, 'a dict'],
  [PySet, 'a set'],
  [Range, 'a range'],
  [View, 'a view of a dict'],
  [Stream, 'an iterator'],
  [Undefined, 'undefined'],
  [Callable, 'a function'],
] as const;

/** Equal for what is equal in Python. Throws for what cannot be a key there. */
export function hashKey(value: Py): string {
  const text = asString(value);
  if (text !== undefined) return `s${text}`;
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'n1' : 'n0';
  if (typeof value === 'bigint') return `n${value}`;
  if (typeof value === 'number') return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
  if (value instanceof Tuple) return `t${JSON.stringify(value.items.map(hashKey))}`;
  throw new TemplateError(`${typeName(value)} cannot be a key or a member of a set`);
}

/** The items of a value, one by one. Throws for what has none. */
export function iterate(value: Py): Iterable<Py> {
  const text = asString(value);
  if (text !== undefined) return text;
  if (Array.isArray(value)) return value;
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return value.entries().map(([key]) => key);
  if (value instanceof Range || value instanceof View) return value.items();
  if (value instanceof Stream) return { [Symbol.iterator]: () => value.iterator };
  if (value instanceof Undefined) return [];
  if (value instanceof PySet) return itemsOf(value);
  throw new TemplateError(`${typeName(value)} has no items to go through`);
}

function itemsOf(set: PySet): Py[] {
  if (set.size > 1)
    throw new TemplateError('a set has no order in Python; sort it first, as in set(...) | sort, or use | unique');
  return set.unordered();
}

/** As Python sees it: nothing, zero and whatever is empty are false. */
export function truthy(value: Py): boolean {
  if (value === null || value instanceof Undefined) return false;
  if (typeof value === 'number') return value !== 0;
  if (typeof value !== 'object') return Boolean(value);
  return lengthOf(value) !== 0;
}

/** Python's `len()`; undefined where there is none. */
export function lengthOf(value: Py): number | undefined {
  const text = asString(value);
  if (text !== undefined) return Array.from(text).length;
  if (Array.isArray(value) || value instanceof Range) return value.length;
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Dict || value instanceof PySet) return value.size;
  if (value instanceof View) return value.dict.size;
  return value instanceof Undefined ? 0 : undefined;
}
