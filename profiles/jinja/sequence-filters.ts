import { compare, sorted, unique } from './comparison.ts';
import { TemplateError } from './errors.ts';
import { item as itemOf } from './members.ts';
import { operate } from './operators.ts';
import { type Context, countOf, flagOf, type Given, operation, type Operation } from './signature.ts';
import { checkLength, joinTexts, toText } from './text.ts';
import {
  asString,
  Dict,
  iterate,
  orElse,
  type Named,
  type Py,
  PySet,
  Range,
  Stream,
  truthy,
  Tuple,
  typeName,
  Undefined,
  View,
} from './values.ts';

export const sequenceFilters: ReadonlyMap<string, Operation> = new Map([
  operation('first', '', (value) => first(value)),
  operation('last', '', (value) => last(value)),
  operation('list', '', (value) => [...iterate(value)]),
  operation('items', '', (value) => new Stream(entriesOf(value))),
  operation('join', 'd? attribute?', join),
  operation('sort', 'reverse? case_sensitive? attribute?', (value, [reverse, exact, attribute = null], context) =>
    sort(value, keyOf(attribute, flagOf(exact), context, true), flagOf(reverse)),
  ),
  operation(
    'unique',
    'case_sensitive? attribute?',
    (value, [exact, attribute = null], context) =>
      new Stream(unique(iterate(value), keyOf(attribute, flagOf(exact), context))),
  ),
  operation('min', 'case_sensitive? attribute?', (value, given, context) => extreme(value, given, context, -1)),
  operation('max', 'case_sensitive? attribute?', (value, given, context) => extreme(value, given, context, 1)),
  operation('sum', 'attribute? start?', sum),
  operation('reverse', '', (value) => reverse(value)),
  operation('dictsort', 'case_sensitive? by? reverse?', dictsort),
  operation('batch', 'linecount fill_with?', (value, given) => new Stream(batch(value, given))),
  operation('slice', 'slices fill_with?', (value, given) => new Stream(slices(value, given))),
  operation('map', '*', (value, args, context, named) => new Stream(mapped(value, args as Py[], named, context))),
  ...(['select', 'reject', 'selectattr', 'rejectattr'] as const).map((name) =>
    operation(
      name,
      '*',
      (value, args, context, named) => new Stream(chosen(name, value, args as Py[], named, context)),
    ),
  ),
]);

function sort(value: Py, key: (item: Py) => Py, reversed: boolean): Py[] {
  if (!(value instanceof PySet)) return sorted(iterate(value), key, reversed);
  const items = sorted(value.unordered(), key, reversed);
  const tie = items.some((item, index) => index > 0 && compare(key(item), key(items[index - 1] ?? null)) === 0);
  if (tie) throw new TemplateError('a set with items that sort alike has no order in Python; use | unique');
  return items;
}

function first(value: Py): Py {
  for (const item of iterate(value)) return item;
  return new Undefined('there is no first item, as there is none');
}

function last(value: Py): Py {
  if (value instanceof Stream || value instanceof PySet || value instanceof Undefined)
    throw new TemplateError(`${typeName(value)} has no last item; make a list of it with | list`);
  return orElse([...iterate(value)].at(-1), new Undefined('there is no last item, as there is none'));
}

function entriesOf(value: Py): Py[] {
  if (value instanceof Undefined) return [];
  if (value instanceof Dict) return value.entries().map((entry) => new Tuple(entry));
  throw new TemplateError(`| items takes a dict, not ${typeName(value)}`);
}

function join(value: Py, [separator = '', attribute = null]: Given, context: Context): string {
  const key = attribute === null ? (item: Py) => item : attributeOf(attribute, context);
  return joinTexts(
    Array.from(iterate(value), (item) => toText(key(item))),
    toText(separator),
  );
}

/** `address.city`, or an index. */
function attributeOf(attribute: Py, context: Context, fallback: Py = null): (item: Py) => Py {
  const name = asString(attribute);
  const parts =
    name === undefined ? [attribute] : name.split('.').map((part) => (/^\d+$/.test(part) ? BigInt(part) : part));
  return (item) =>
    parts.reduce((found: Py, part) => {
      const next = itemOf(found, part, context);
      return next instanceof Undefined && fallback !== null ? fallback : next;
    }, item);
}

/** What items are compared by: without case, unless it is asked for. `several` may be named for sorting. */
function keyOf(attribute: Py, exact: boolean, context: Context, several = false): (item: Py) => Py {
  const fold = (value: Py) => {
    const text = asString(value);
    return exact || text === undefined ? value : text.toLowerCase();
  };
  // Jinja sorts by lists of keys, in which two equal ones need no order.
  if (attribute === null) return several ? (item) => [fold(item)] : fold;
  const names = several ? (asString(attribute)?.split(',') ?? [attribute]) : [attribute];
  const keys = names.map((name) => attributeOf(name, context));
  if (!several) return (item) => fold(keys[0]?.(item) ?? null);
  return (item) => keys.map((key) => fold(key(item)));
}

function extreme(value: Py, [exact, attribute = null]: Given, context: Context, wanted: 1 | -1): Py {
  const key = keyOf(attribute, flagOf(exact), context);
  let best: Py | undefined;
  for (const item of iterate(value)) if (best === undefined || compare(key(item), key(best)) * wanted > 0) best = item;
  return orElse(best, new Undefined('there is no smallest or largest of nothing'));
}

function sum(value: Py, [attribute = null, start = 0n]: Given, context: Context): Py {
  const key = attribute === null ? (item: Py) => item : attributeOf(attribute, context);
  const items = Array.from(iterate(value), key);
  if (asString(start) !== undefined) throw new TemplateError('texts are joined with | join');
  // Newer versions of Python add fractions with more care than older ones.
  if (items.filter((item) => typeof item === 'number').length > 2)
    throw new TemplateError('| sum adds at most two fractions; write them with +');
  return items.reduce((total, item) => operate('+', total, item), start);
}

function reverse(value: Py): Py {
  const text = asString(value);
  if (text !== undefined) return Array.from(text).reverse().join('');
  const items = [...iterate(value)].reverse();
  const isReversible =
    Array.isArray(value) || value instanceof Tuple || value instanceof Range || value instanceof View;
  return isReversible || value instanceof Dict || value instanceof Undefined ? new Stream(items) : items;
}

function dictsort(value: Py, [exact, by = 'key', reversed]: Given): Py {
  const place = by === 'key' ? 0 : by === 'value' ? 1 : undefined;
  if (place === undefined || !(value instanceof Dict))
    throw new TemplateError('| dictsort sorts a dict by key or by value');
  const key = (entry: Py): Py => {
    const part = entry instanceof Tuple ? (entry.items[place] ?? null) : null;
    return flagOf(exact) ? part : orElse(asString(part)?.toLowerCase(), part);
  };
  return sorted(entriesOf(value), key, flagOf(reversed));
}

function* batch(value: Py, [size, fill = null]: Given): Generator<Py> {
  const count = countOf(size, 'linecount', 1);
  let line: Py[] = [];
  for (const item of iterate(value)) {
    if (line.length === count) {
      yield line;
      line = [];
    }
    line.push(item);
  }
  if (line.length === 0) return;
  checkLength(count);
  const missing = fill === null ? 0 : Math.max(0, count - line.length);
  yield [...line, ...Array<Py>(missing).fill(fill)];
}

function* slices(value: Py, [number, fill = null]: Given): Generator<Py> {
  const items = [...iterate(value)];
  const count = countOf(number, 'slices', 1);
  checkLength(count);
  if (count === 0) throw new TemplateError('| slice needs at least one slice');
  const [each, longer] = [Math.floor(items.length / count), items.length % count];
  let start = 0;
  for (let index = 0; index < count; index++) {
    const end = start + each + (index < longer ? 1 : 0);
    yield [...items.slice(start, end), ...(fill !== null && index >= longer ? [fill] : [])];
    start = end;
  }
}

function* mapped(value: Py, args: readonly Py[], named: Named, context: Context): Generator<Py> {
  if (!truthy(value)) return;
  const change = mapping(args, named, context);
  for (const item of iterate(value)) yield change(item);
}

function mapping(args: readonly Py[], named: Named, context: Context): (item: Py) => Py {
  const attribute = named.get('attribute');
  const [name, ...rest] = args;
  if (name === undefined && attribute !== undefined) {
    const odd = [...named.keys()].find((key) => key !== 'attribute' && key !== 'default');
    if (odd !== undefined) throw new TemplateError(`| map has no argument ${odd}`);
    return attributeOf(attribute, context, named.get('default') ?? null);
  }
  const filter = name === undefined ? undefined : asString(name);
  if (filter === undefined) throw new TemplateError('| map needs the name of a filter in quotes');
  return (item) => context.filter(filter, [item, ...rest], named);
}

type Choice = 'select' | 'reject' | 'selectattr' | 'rejectattr';

function* chosen(choice: Choice, value: Py, args: readonly Py[], named: Named, context: Context): Generator<Py> {
  if (!truthy(value)) return;
  const wanted = choice.startsWith('select');
  const holds = condition(choice.endsWith('attr'), args, named, context);
  for (const item of iterate(value)) if (holds(item) === wanted) yield item;
}

function condition(ofAttribute: boolean, args: readonly Py[], named: Named, context: Context): (item: Py) => boolean {
  const [attribute, ...others] = ofAttribute ? args : [null, ...args];
  if (attribute === undefined) throw new TemplateError('the name of an attribute is missing');
  const look = ofAttribute ? attributeOf(attribute, context) : (item: Py) => item;
  const [name, ...rest] = others;
  if (name === undefined) return (item) => truthy(look(item));
  const test = asString(name);
  if (test === undefined) throw new TemplateError('a test is named in quotes');
  return (item) => context.test(test, [look(item), ...rest], named);
}
