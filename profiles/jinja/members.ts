import { dictMethods, listMethods, tupleMethods } from './collection-methods.ts';
import { TemplateError } from './errors.ts';
import { asCount, asInteger } from './numbers.ts';
import { secretCheck } from './secrets.ts';
import type { Context, Operation } from './signature.ts';
import { textMethods } from './text-methods.ts';
import {
  asString,
  Callable,
  Dict,
  Marked,
  Members,
  orElse,
  type Py,
  Range,
  Tuple,
  typeName,
  Undefined,
} from './values.ts';

const none: ReadonlyMap<string, Operation> = new Map();

function methodsOf(value: Py): ReadonlyMap<string, Operation> {
  if (asString(value) !== undefined) return textMethods;
  if (Array.isArray(value)) return listMethods;
  if (value instanceof Tuple) return tupleMethods;
  return value instanceof Dict ? dictMethods : none;
}

/** What values have in Python and not here; a name that is in neither is undefined. */
const others = new Set(
  [
    'encode format_map isdecimal isidentifier isnumeric isprintable istitle maketrans translate fromkeys popitem',
    'as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag numerator real to_bytes fromhex hex',
    'is_integer add difference difference_update discard intersection intersection_update isdisjoint issubset issuperset',
    'symmetric_difference symmetric_difference_update union start stop step mapping send throw close gi_code gi_frame',
    'gi_running gi_yieldfrom gi_suspended unescape escape striptags casefold',
  ].flatMap((names) => names.split(' ')),
);

/** `object.name`: a method or another member, then an item of that name. */
export function attribute(object: Py, name: string, context: Context): Py {
  refuseInside(object, name);
  const member = memberOf(object, name, context);
  return member === undefined ? orElse(itemOf(object, name), missing(name)) : member;
}

/** `object[key]`: an item, then a member of that name. */
export function item(object: Py, key: Py, context: Context): Py {
  const name = asString(key);
  const found = itemOf(object, key);
  if (found !== undefined) return found;
  if (name === undefined) return missing(key);
  refuseInside(object, name);
  return orElse(memberOf(object, name, context), missing(key));
}

function refuseInside(object: Py, name: string): void {
  if (object instanceof Undefined) throw new TemplateError(object.message);
  if (name.startsWith('_')) throw new TemplateError(`it has no member ${name} that a template may use`);
}

function memberOf(object: Py, name: string, context: Context): Py | undefined {
  if (object instanceof Members) return object.read(name);
  const method = methodsOf(object).get(name);
  if (method) return bound(object, method, context);
  if (others.has(name) && !(object instanceof Dict && !['fromkeys', 'popitem'].includes(name)))
    throw new TemplateError(`.${name} of ${typeName(object)} is not offered in a profile`);
  return undefined;
}

function bound(object: Py, method: Operation, context: Context): Callable {
  if (object instanceof Marked && object.kind === 'html')
    throw new TemplateError(`.${method.name}() does not work on text that is marked as HTML here; use a filter`);
  return new Callable(method.name, (args, named) => {
    secretCheck(`.${method.name}()`, method.name, [object, ...args]);
    return method.call(object, args, named, context);
  });
}

/** undefined where Python raises a LookupError or a TypeError. */
function itemOf(object: Py, key: Py): Py | undefined {
  if (object instanceof Undefined) throw new TemplateError(object.message);
  if (object instanceof Dict) return isHashable(key) ? object.get(key) : undefined;
  if (asInteger(key) === undefined) return undefined;
  const items = sequence(object);
  return items?.at(asCount(key, 'an index'));
}

function isHashable(key: Py): boolean {
  return !(Array.isArray(key) || key instanceof Dict);
}

function sequence(object: Py): readonly Py[] | undefined {
  const text = asString(object);
  if (text !== undefined) return Array.from(whole(text));
  if (Array.isArray(object)) return object;
  if (object instanceof Tuple) return object.items;
  return object instanceof Range ? object.items() : undefined;
}

/** Of a secret only the whole can be had. */
function whole(text: string): string {
  secretCheck('[...]', '[]', [text]);
  return text;
}

function missing(key: Py): Undefined {
  const name = asString(key);
  return new Undefined(`it has no member ${name ?? String(asInteger(key) ?? typeName(key))}`);
}

/** Python's `object[start:stop:step]`. */
export function slice(object: Py, bounds: readonly Py[]): Py {
  const items = sequence(object);
  if (object instanceof Undefined) throw new TemplateError(object.message);
  if (!items) throw new TemplateError(`${typeName(object)} cannot be cut with [a:b]; make a list of it with | list`);
  const taken = sliced(items, bounds);
  if (asString(object) !== undefined) return taken.map(String).join('');
  return Array.isArray(object) ? taken : new Tuple(taken);
}

function sliced(items: readonly Py[], [start = null, stop = null, step = null]: readonly Py[]): Py[] {
  const stride = step === null ? 1 : asCount(step, 'the step of a slice');
  if (stride === 0) throw new TemplateError('the step of a slice must not be 0');
  const size = items.length;
  const [lowest, highest] = stride > 0 ? [0, size] : [-1, size - 1];
  const place = (bound: Py, fallback: number) => {
    if (bound === null) return fallback;
    const at = asCount(bound, 'a place in a slice');
    return Math.min(Math.max(at < 0 ? at + size : at, lowest), highest);
  };
  const from = place(start, stride > 0 ? lowest : highest);
  const to = place(stop, stride > 0 ? highest : lowest);
  const taken: Py[] = [];
  for (let at = from; stride > 0 ? at < to : at > to; at += stride) taken.push(items[at] ?? null);
  return taken;
}
