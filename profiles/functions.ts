import { ConfigurationError } from '../memory/errors.ts';
import {
  MissingVariableError,
  type Named,
  type Operation,
  pythonLiteral,
  type Scope,
  TemplateError,
} from './expression.ts';
import { toText, truthy } from './python.ts';
import { fromEnvironment } from './variable-file.ts';
import { isMapping, member, type Value } from './value.ts';

/** Stands for a secret while a template is evaluated, so that no filter can change it and no error can show it. */
export type Conceal = (name: string, secret: string) => string;

export interface Variables {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vars: Readonly<Record<string, unknown>>;
}

/** The functions, filters and methods that a profile's templates may use. */
export function createScope(variables: Variables, conceal: Conceal): Scope {
  return {
    functions: new Map<string, Operation>([
      ['env_var', (args, named) => envVar(variables.env, args, named, conceal)],
      ['var', (args, named) => readVar(variables.vars, args, named)],
      ['fromjson', ([text = null]) => fromJson(text)],
    ]),
    filters,
    methods,
  };
}

function envVar(env: Variables['env'], args: readonly Value[], named: Named, conceal: Conceal): Value {
  const name = nameOf('env_var', args);
  // dbt keeps these to itself.
  const value = name.startsWith('DBT_ENV_PRIVATE') ? undefined : readVariable(env, name);
  if (value !== undefined) return name.startsWith('DBT_ENV_SECRET') ? conceal(name, value) : value;
  const fallback = args[1] ?? named.get('default') ?? null;
  if (fallback !== null) return fallback;
  throw new MissingVariableError(
    `needs the environment variable ${name} (Env var required but not provided: '${name}'). ` +
      `Set it, or give a default in the profile: {{ env_var('${name}', '...') }}.`,
  );
}

/** A file that cannot be read is said with the place in the profile that asks for it. */
function readVariable(env: Variables['env'], name: string): string | undefined {
  try {
    return fromEnvironment(env, name);
  } catch (error) {
    throw error instanceof ConfigurationError
      ? new MissingVariableError(`cannot be filled in: ${error.message}`)
      : error;
  }
}

function readVar(vars: Variables['vars'], args: readonly Value[], named: Named): Value {
  const name = nameOf('var', args);
  const value = Object.hasOwn(vars, name) ? asValue(vars[name]) : (args[1] ?? named.get('default'));
  if (value !== undefined) return value;
  throw new MissingVariableError(`needs the variable ${name}. Give it with --vars '{"${name}": ...}'.`);
}

function nameOf(name: string, args: readonly Value[]): string {
  const [first] = args;
  if (typeof first === 'string' && first !== '') return first;
  throw new TemplateError(`${name}() needs the name of a variable in quotes`);
}

/** Variables come from outside; what JSON cannot express is not a value. */
function asValue(value: unknown): Value {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(asValue);
  if (isMapping(value)) return Object.fromEntries(Object.keys(value).map((key) => [key, asValue(member(value, key))]));
  throw new TemplateError('a variable given with --vars must be text, a number, true/false, a list or a mapping');
}

function fromJson(text: Value): Value {
  try {
    return asValue(JSON.parse(toText(text)));
  } catch {
    throw new TemplateError('fromjson() needs valid JSON');
  }
}

const filters: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['as_number', ([value = null]) => convert(value, 'number', (result) => typeof result === 'number')],
  ['as_bool', ([value = null]) => convert(value, 'bool', (result) => typeof result === 'boolean')],
  ['as_native', ([value = null]) => native(value)],
  ['as_text', ([value = null]) => toText(value)],
  ['string', ([value = null]) => toText(value)],
  ['int', ([value = null, fallback = 0]) => wholeNumber(value) ?? fallback],
  ['float', ([value = null, fallback = 0]) => number(value) ?? fallback],
  ['lower', ([value = null]) => toText(value).toLowerCase()],
  ['upper', ([value = null]) => toText(value).toUpperCase()],
  ['trim', ([value = null]) => toText(value).trim()],
  // Jinja's: only what is undefined, or with `true` what is empty; and nothing undefined gets this far.
  ['default', ([value = null, fallback = '', empty = false]) => (empty === true && !truthy(value) ? fallback : value)],
  ['first', ([value = null]) => items(value, 'first').at(0) ?? null],
  ['last', ([value = null]) => items(value, 'last').at(-1) ?? null],
]);

const methods: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['split', ([value = null, separator = null]) => split(text(value, 'split'), separator)],
  ['strip', ([value = null]) => text(value, 'strip').trim()],
  ['lower', ([value = null]) => text(value, 'lower').toLowerCase()],
  ['upper', ([value = null]) => text(value, 'upper').toUpperCase()],
  ['startswith', ([value = null, start = null]) => text(value, 'startswith').startsWith(text(start, 'startswith'))],
  ['endswith', ([value = null, end = null]) => text(value, 'endswith').endsWith(text(end, 'endswith'))],
]);

/** dbt: the text is read as a Python literal, so `True` is a bool and `true` is not. */
function convert(value: Value, type: 'number' | 'bool', fits: (result: Value) => boolean): Value {
  const result = pythonLiteral(toText(value)) ?? null;
  if (fits(result)) return result;
  const hint = type === 'bool' ? ', which must be True or False' : '';
  throw new TemplateError(`could not convert value '${toText(value)}' into type '${type}'${hint}`);
}

function native(value: Value): Value {
  const result = pythonLiteral(toText(value));
  return result === undefined ? value : result;
}

/** What Python's float() takes, which is more than its literals: also `007`. */
function number(value: Value): number | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  const digits = toText(value)
    .trim()
    .replaceAll(/(?<=\d)_(?=\d)/g, '');
  return /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(digits) ? Number(digits) : undefined;
}

function wholeNumber(value: Value): number | undefined {
  const found = number(value);
  return found === undefined ? undefined : Math.trunc(found);
}

function items(value: Value, name: string): readonly Value[] {
  if (typeof value === 'string') return Array.from(value);
  if (Array.isArray(value)) return value as readonly Value[];
  throw new TemplateError(`the filter '${name}' needs a list`);
}

function text(value: Value, name: string): string {
  if (typeof value === 'string') return value;
  throw new TemplateError(`.${name}() needs a text`);
}

/** Python's: without a separator at runs of white space; an empty separator is an error there too. */
function split(value: string, separator: Value): Value {
  if (separator === null) return value.split(/\s+/).filter((part) => part !== '');
  if (separator === '') throw new TemplateError(".split('') has nothing to split at");
  return value.split(text(separator, 'split'));
}
