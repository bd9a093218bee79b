import { TemplateError } from './errors.ts';
import { asCount } from './numbers.ts';
import { asString, type Named, type Py, truthy, typeName, Undefined } from './values.ts';

/** What an operation of ours may ask of the evaluation. */
export interface Context {
  /** Called before work is done, with about the number of characters that it reads or makes; throws when it is enough. */
  readonly spend: (work: number) => void;
  readonly filter: (name: string, args: readonly Py[], named: Named) => Py;
  readonly test: (name: string, args: readonly Py[], named: Named) => boolean;
}

/** Arguments in the order of the parameters, or undefined where none was given. */
export type Given = readonly (Py | undefined)[];

type Work = (subject: Py, given: Given, context: Context, named: Named) => Py;

/** A filter, a test or a method. */
export interface Operation {
  readonly name: string;
  readonly call: (subject: Py, args: readonly Py[], named: Named, context: Context) => Py;
}

/**
 * `parameters` are as Python declares them, behind the subject: `'old new count?'`. Those after a `/` have no name that may be
 * used; a `*` hands on whatever is given, in order and by name.
 */
export function operation(name: string, parameters: string, work: Work): [string, Operation] {
  const names = parameters.split(' ').filter((word) => word !== '' && word !== '/');
  const required = names.filter((word) => !word.endsWith('?')).length;
  const known = names.map((word) => word.replace('?', ''));
  const call: Operation['call'] = (subject, args, named, context) => {
    if (parameters === '*') return work(subject, args, context, named);
    if (parameters.startsWith('/') && named.size > 0) throw new TemplateError(`${name} takes no arguments by name`);
    return work(subject, bind(name, known, required, args, named), context, named);
  };
  return [name, { name, call }];
}

/** Each argument at the place of its parameter. */
export function bind(
  name: string,
  known: readonly string[],
  required: number,
  args: readonly Py[],
  named: Named,
): Given {
  if (args.length > known.length)
    throw new TemplateError(`${name} takes ${known.length} arguments, not ${args.length}`);
  const given: (Py | undefined)[] = known.map((_, index) => args[index]);
  for (const [key, value] of named) {
    const at = known.indexOf(key);
    if (at === -1) throw new TemplateError(`${name} has no argument ${key}`);
    if (given[at] !== undefined) throw new TemplateError(`${name} is given ${key} twice`);
    given[at] = value;
  }
  const missing = known.find((_, index) => index < required && given[index] === undefined);
  if (missing !== undefined) throw new TemplateError(`${name} needs ${missing}`);
  return given;
}

/** The text of an argument; `fallback` when it was not given. */
export function textOf(value: Py | undefined, what: string, fallback?: string): string {
  if (value === undefined && fallback !== undefined) return fallback;
  const text = value === undefined ? undefined : asString(value);
  if (text !== undefined) return text;
  if (value instanceof Undefined) throw new TemplateError(value.message);
  throw new TemplateError(`${what} must be a text, not ${typeName(value ?? null)}`);
}

export function countOf(value: Py | undefined, what: string, fallback: number): number {
  return value === undefined ? fallback : asCount(value, what);
}

/** None means the same as nothing given. */
export function optionalText(value: Py | undefined, what: string): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value, what);
}

export function flagOf(value: Py | undefined): boolean {
  return value !== undefined && truthy(value);
}
