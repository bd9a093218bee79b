import { isLower, isUpper } from './characters.ts';
import { contains } from './comparison.ts';
import { TemplateError } from './errors.ts';
import { asNumber } from './numbers.ts';
import { defined, holds, operate } from './operators.ts';
import { operation, type Operation } from './signature.ts';
import { toText } from './text.ts';
import {
  asString,
  Callable,
  Dict,
  iterate,
  lengthOf,
  Marked,
  type Py,
  PySet,
  Stream,
  Undefined,
  View,
} from './values.ts';

function test(name: string, answer: (value: Py) => boolean): [string, Operation] {
  return operation(name, '', answer);
}

function comparison(names: string, operator: string): [string, Operation][] {
  return names
    .split(' ')
    .map((name) => operation(name, '/ other', (value, [other = null]) => holds(operator, value, other)));
}

/** What stands after `is`. */
export const tests: ReadonlyMap<string, Operation> = new Map([
  test('defined', (value) => !(value instanceof Undefined)),
  test('undefined', (value) => value instanceof Undefined),
  test('none', (value) => value === null),
  test('boolean', (value) => typeof value === 'boolean'),
  test('true', (value) => value === true),
  test('false', (value) => value === false),
  test('integer', (value) => typeof value === 'bigint'),
  test('float', (value) => typeof value === 'number'),
  test('number', (value) => asNumber(value) !== undefined),
  test('string', (value) => asString(value) !== undefined),
  test('mapping', (value) => value instanceof Dict),
  test('sequence', (value) => lengthOf(value) !== undefined && !(value instanceof PySet || value instanceof View)),
  test('iterable', isIterable),
  test('callable', (value) => value instanceof Callable || value instanceof Undefined),
  test('escaped', (value) => value instanceof Marked && value.kind === 'html'),
  test('lower', (value) => isLower(toText(defined(value)))),
  test('upper', (value) => isUpper(toText(defined(value)))),
  test('odd', (value) => holds('==', operate('%', value, 2n), 1n)),
  test('even', (value) => holds('==', operate('%', value, 2n), 0n)),
  operation('divisibleby', 'num', (value, [num = null]) => holds('==', operate('%', value, num), 0n)),
  operation('in', 'seq', (value, [seq = null]) => contains(defined(seq), defined(value))),
  operation('sameas', 'other', (value, [other = null]) => same(value, other)),
  ...comparison('== eq equalto', '=='),
  ...comparison('!= ne', '!='),
  ...comparison('> gt greaterthan', '>'),
  ...comparison('>= ge', '>='),
  ...comparison('< lt lessthan', '<'),
  ...comparison('<= le', '<='),
]);

function isIterable(value: Py): boolean {
  if (value instanceof PySet || value instanceof Stream) return true;
  try {
    iterate(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether two other values are one and the same in memory is up to Python. */
function same(value: Py, other: Py): boolean {
  if (other === null || typeof other === 'boolean') return value === other;
  throw new TemplateError('is sameas takes true, false or none; is eq compares values');
}
