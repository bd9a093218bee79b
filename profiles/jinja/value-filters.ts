import { TemplateError } from './errors.ts';
import {
  asCount,
  asFloat,
  asInteger,
  asNumber,
  bounded,
  parseFloatText,
  parseInteger,
  round,
  trueDivide,
} from './numbers.ts';
import { countOf, flagOf, type Given, operation, type Operation } from './signature.ts';
import { asString, lengthOf, plain, type Py, truthy, typeName, Undefined } from './values.ts';

/** Filters that give a number, and those that choose. */
export const valueFilters: ReadonlyMap<string, Operation> = new Map([
  operation('abs', '/', (value) => magnitude(needsNumber(value, 'abs'))),
  operation('round', 'precision? method?', rounded),
  operation(
    'int',
    'default? base?',
    (value, [fallback = 0n, base]) => toInteger(value, countOf(base, 'base', 10)) ?? fallback,
  ),
  operation('float', 'default?', (value, [fallback = 0]) => toFloat(value) ?? fallback),
  ...['length', 'count'].map((name) => operation(name, '/', (value) => BigInt(lengthOf(value) ?? lacksLength(value)))),
  ...['default', 'd'].map((name) =>
    operation(name, 'default_value? boolean?', (value, [fallback = '', boolean]) =>
      value instanceof Undefined || (flagOf(boolean) && !truthy(value)) ? fallback : value,
    ),
  ),
  operation('is_list', '/', (value) => Array.isArray(value)),
]);

function lacksLength(value: Py): never {
  throw new TemplateError(`${typeName(value)} has no length; make a list of it with | list`);
}

function needsNumber(value: Py, name: string): bigint | number {
  if (value instanceof Undefined) throw new TemplateError(value.message);
  const number = asNumber(value);
  if (number !== undefined) return number;
  throw new TemplateError(`| ${name} needs a number, not ${typeName(value)}; | int makes one of a text`);
}

function magnitude(value: bigint | number): bigint | number {
  if (typeof value === 'number') return Math.abs(value);
  return value < 0n ? -value : value;
}

function rounded(value: Py, [precision = 0n, method = 'common']: Given): Py {
  const number = needsNumber(value, 'round');
  const places = asCount(precision, 'precision');
  if (method === 'common') return typeof number === 'number' && Number.isNaN(number) ? number : round(number, places);
  if (method !== 'ceil' && method !== 'floor') throw new TemplateError('| round is common, ceil or floor');
  if (places < 0 || places > 300) throw new TemplateError('| round takes a precision of at least 0 here');
  const unit = 10n ** BigInt(places);
  const scaled = typeof number === 'bigint' ? bounded(number * unit) : number * Number(unit);
  if (typeof scaled === 'bigint') return trueDivide(scaled, unit);
  if (!Number.isFinite(scaled)) throw new TemplateError('| round needs a finite number');
  return trueDivide(BigInt(method === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled)), unit);
}

function toInteger(value: Py, base: number): bigint | undefined {
  const text = asString(value);
  if (text !== undefined) {
    const whole = parseInteger(text, base);
    const float = whole === undefined ? parseFloatText(text) : undefined;
    return whole ?? (float !== undefined && Number.isFinite(float) ? BigInt(Math.trunc(float)) : undefined);
  }
  if (value instanceof Undefined) throw new TemplateError(value.message);
  if (typeof value !== 'number') return asInteger(value);
  if (Number.isFinite(value)) return BigInt(Math.trunc(value));
  if (Number.isNaN(value)) return undefined;
  throw new TemplateError('| int makes nothing of what is infinite');
}

function toFloat(value: Py): number | undefined {
  if (value instanceof Undefined) throw new TemplateError(value.message);
  const text = asString(plain(value));
  return text === undefined ? asFloat(value) : parseFloatText(text);
}
