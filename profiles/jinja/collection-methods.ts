import { equals, sorted } from './comparison.ts';
import { TemplateError } from './errors.ts';
import { asCount, pair } from './numbers.ts';
import { flagOf, operation, type Operation } from './signature.ts';
import { checkLength } from './text.ts';
import { Dict, iterate, orElse, type Py, Tuple, View } from './values.ts';

type Methods = ReadonlyMap<string, Operation>;

function count(items: readonly Py[], wanted: Py): bigint {
  return BigInt(items.filter((item) => equals(item, wanted)).length);
}

function index(items: readonly Py[], wanted: Py): bigint {
  const at = items.findIndex((item) => equals(item, wanted));
  if (at === -1) throw new TemplateError('what is looked for is not in the list');
  return BigInt(at);
}

function listMethod(name: string, parameters: string, work: (list: Py[], args: Py[]) => Py): [string, Operation] {
  return operation(name, parameters, (subject, given, _, named) => {
    const args = given.filter((value) => value !== undefined);
    return Array.isArray(subject) ? work(subject, name === 'sort' ? sortArguments(args, named) : args) : null;
  });
}

function sortArguments(args: Py[], named: ReadonlyMap<string, Py>): Py[] {
  const others = [...named.keys()].filter((key) => key !== 'reverse');
  if (args.length > 0 || others.length > 0) throw new TemplateError('.sort() takes nothing but reverse=true here');
  return [flagOf(named.get('reverse'))];
}

/** Those that change a list give None, as in Python; `{% do %}` is how they are called. */
export const listMethods: Methods = new Map([
  listMethod('append', '/ item', (list, [item = null]) => grown(list, [item])),
  listMethod('extend', '/ items', (list, [items = null]) => grown(list, [...iterate(items)])),
  listMethod('insert', '/ at item', (list, [at = null, item = null]) => {
    list.splice(asCount(at, 'a place'), 0, item);
    return null;
  }),
  listMethod('pop', '/ at?', (list, [at = -1n]) => {
    const place = asCount(at, 'a place');
    const [item] = place < -list.length ? [] : list.splice(place, 1);
    if (item === undefined) throw new TemplateError('.pop() finds nothing there');
    return item;
  }),
  listMethod('remove', '/ item', (list, [item = null]) => {
    list.splice(Number(index(list, item)), 1);
    return null;
  }),
  listMethod('reverse', '/', (list) => {
    list.reverse();
    return null;
  }),
  listMethod('sort', '*', (list, [reverse = null]) => {
    list.splice(0, list.length, ...sorted(list, (item) => item, flagOf(reverse)));
    return null;
  }),
  listMethod('clear', '/', (list) => {
    list.length = 0;
    return null;
  }),
  listMethod('copy', '/', (list) => [...list]),
  listMethod('count', '/ item', (list, [item = null]) => count(list, item)),
  listMethod('index', '/ item', (list, [item = null]) => index(list, item)),
]);

function grown(list: Py[], items: Py[]): null {
  checkLength(list.length + items.length);
  list.push(...items);
  return null;
}

export const tupleMethods: Methods = new Map([
  operation('count', '/ item', (subject, [item = null]) =>
    subject instanceof Tuple ? count(subject.items, item) : null,
  ),
  operation('index', '/ item', (subject, [item = null]) =>
    subject instanceof Tuple ? index(subject.items, item) : null,
  ),
]);

type DictWork = (dict: Dict, args: Py[], named: ReadonlyMap<string, Py>) => Py;

function dictMethod(name: string, parameters: string, work: DictWork): [string, Operation] {
  return operation(name, parameters, (subject, given, _, named) => {
    const args = given.filter((value) => value !== undefined);
    return subject instanceof Dict ? work(subject, args, named) : null;
  });
}

export const dictMethods: Methods = new Map([
  dictMethod('get', '/ key fallback?', (dict, [key = null, fallback = null]) => orElse(dict.get(key), fallback)),
  dictMethod('items', '/', (dict) => new View(dict, 'items')),
  dictMethod('keys', '/', (dict) => new View(dict, 'keys')),
  dictMethod('values', '/', (dict) => new View(dict, 'values')),
  dictMethod('copy', '/', (dict) => new Dict(dict.entries())),
  dictMethod('pop', '/ key fallback?', (dict, [key = null, fallback]) => {
    const found = dict.get(key);
    const value = found === undefined ? fallback : found;
    if (value === undefined) throw new TemplateError('.pop() finds no such key');
    dict.delete(key);
    return value;
  }),
  dictMethod('setdefault', '/ key fallback?', (dict, [key = null, fallback = null]) => {
    const value = orElse(dict.get(key), fallback);
    dict.set(key, value);
    return value;
  }),
  dictMethod('update', '*', (dict, args, named) => {
    for (const [key, value] of [...args.flatMap(pairsOf), ...named]) dict.set(key, value);
    return null;
  }),
  dictMethod('clear', '/', (dict) => {
    for (const [key] of dict.entries()) dict.delete(key);
    return null;
  }),
]);

/** What `dict(...)` and `.update(...)` take: another dict, or pairs. */
export function pairsOf(value: Py): [Py, Py][] {
  if (value instanceof Dict) return value.entries();
  return Array.from(iterate(value), (item) => {
    const both = pair(item);
    if (!both) throw new TemplateError('a dict is made of another one, or of pairs');
    return [...both];
  });
}
