import { createHash } from 'node:crypto';
import { pairsOf } from './collection-methods.ts';
import { TemplateError } from './errors.ts';
import { readJson, writeJson } from './json.ts';
import { asCount } from './numbers.ts';
import { bind, flagOf, type Given, textOf } from './signature.ts';
import { secretCheck } from './secrets.ts';
import {
  Callable,
  Dict,
  iterate,
  lengthOf,
  Members,
  orElse,
  type Named,
  type Py,
  PySet,
  Range,
  Stream,
  Tuple,
  Undefined,
} from './values.ts';

/** A function with Python's parameters: `'text default?'`. */
export function define(name: string, parameters: string, work: (given: Given) => Py): [string, Callable] {
  const words = parameters.split(' ').filter((word) => word !== '');
  const required = words.filter((word) => !word.endsWith('?')).length;
  const known = words.map((word) => word.replace('?', ''));
  return [name, new Callable(name, (args, named) => work(bind(name, known, required, args, named)))];
}

function withAll(name: string, work: (args: readonly Py[], named: Named) => Py): [string, Callable] {
  return [name, new Callable(name, work)];
}

/** The functions of Jinja, and dbt's own that need nothing of the outside. */
export function globalFunctions(): ReadonlyMap<string, Callable> {
  return new Map([
    withAll('range', range),
    withAll('dict', (args, named) => new Dict([...args.flatMap(pairsOf), ...named])),
    withAll('namespace', namespace),
    withAll('cycler', cycler),
    define('joiner', 'sep?', ([separator = ', ']) => joiner(separator)),
    define('fromjson', 'string default?', ([text, fallback = null]) => fromJson(text, fallback)),
    define('tojson', 'value default? sort_keys?', ([value = null, , sorted]) =>
      writeJson(value, { sorted: flagOf(sorted) }),
    ),
    define('set', 'value default?', ([value = null, fallback = null]) => makeSet(value, fallback)),
    define('set_strict', 'value', ([value = null]) => new PySet(iterate(value))),
    withAll('zip', zip),
    withAll('zip_strict', zip),
    // They tell; a profile has nobody to tell it to, and what they are given may be secret.
    define('log', 'msg info?', () => ''),
    define('print', 'msg', () => ''),
    define('local_md5', 'value', ([value]) => {
      secretCheck('local_md5()', 'local_md5', [value ?? null]);
      return createHash('md5').update(textOf(value, 'what local_md5() gets')).digest('hex');
    }),
  ]);
}

function range(args: readonly Py[], named: Named): Range {
  const [first = 0n, second, step = 1n] = args.map((value) => BigInt(asCount(value, 'what range() gets')));
  if (args.length < 1 || args.length > 3 || named.size > 0 || step === 0n)
    throw new TemplateError('range() takes an end, or a start and an end, and a step');
  const made = second === undefined ? new Range(0n, first, 1n) : new Range(first, second, step);
  if (made.length > 100_000) throw new TemplateError('a range may have 100000 numbers');
  return made;
}

function namespace(args: readonly Py[], named: Named): Members {
  const own = new Dict([...args.flatMap(pairsOf), ...named]);
  return new Members(
    'namespace',
    (name) => own.get(name),
    (name, value) => own.set(name, value),
  );
}

function cycler(items: readonly Py[]): Members {
  if (items.length === 0) throw new TemplateError('cycler() needs values to go through');
  let at = 0;
  const current = () => items[at] ?? null;
  const advance = () => {
    const value = current();
    at = (at + 1) % items.length;
    return value;
  };
  const reset = () => {
    at = 0;
    return null;
  };
  const members = new Map<string, () => Py>([
    ['current', current],
    ['next', () => new Callable('next', advance)],
    ['reset', () => new Callable('reset', reset)],
  ]);
  return new Members('cycler', (name) => members.get(name)?.());
}

function joiner(separator: Py): Callable {
  let used = false;
  return new Callable('joiner', () => {
    const value = used ? separator : '';
    used = true;
    return value;
  });
}

function fromJson(text: Py | undefined, fallback: Py): Py {
  secretCheck('fromjson()', 'fromjson', [text ?? null]);
  return orElse(readJson(textOf(text, 'what fromjson() gets')), fallback);
}

function makeSet(value: Py, fallback: Py): Py {
  const isListed = lengthOf(value) !== undefined || value instanceof Stream;
  try {
    return isListed ? new PySet(iterate(value)) : fallback;
  } catch (error) {
    if (error instanceof TemplateError) return fallback;
    throw error;
  }
}

function* zipped(lists: readonly Iterable<Py>[]): Generator<Py> {
  const iterators = lists.map((list) => list[Symbol.iterator]());
  while (iterators.length > 0) {
    const items: Py[] = [];
    for (const iterator of iterators) {
      const result = iterator.next();
      if (result.done === true) return;
      items.push(result.value);
    }
    yield new Tuple(items);
  }
}

function zip(args: readonly Py[]): Stream {
  return new Stream(zipped(args.map(iterate)));
}

/** What dbt has besides, and why a profile here has not. */
const instead: Readonly<Record<string, string>> = {
  modules: 'it would bring Python with it; use filters and the methods of texts',
  fromyaml: 'use fromjson()',
  toyaml: 'use tojson()',
  return: 'a profile has no macros',
  diff_of_two_dicts: 'compare with ==',
  lipsum: 'a profile must not change from run to run',
  run_started_at: 'a profile must not change from run to run',
  invocation_id: 'a profile must not change from run to run',
  thread_id: 'a profile must not change from run to run',
  flags: "they are dbt's own",
  dbt_version: 'there need not be a dbt here',
  context: 'name what you want of it',
  builtins: 'name what you want of it',
  self: 'a profile has no blocks',
};

/** A name that nobody has given a value. Throws for one that dbt knows. */
export function unknownName(name: string, known: Iterable<string>): Undefined {
  const advice = Object.hasOwn(instead, name) ? instead[name] : undefined;
  if (advice !== undefined) throw new TemplateError(`${name} is not offered in a profile; ${advice}`);
  return new Undefined(`'${name}' is not defined; a profile can use ${[...known].join(', ')}. Text needs quotes`);
}
