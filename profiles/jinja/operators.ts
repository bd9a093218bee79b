import { compare, contains, equals } from './comparison.ts';
import { TemplateError } from './errors.ts';
import { formatPercent } from './percent.ts';
import { asCount, asInteger, asNumber, bounded, divide, power, toFloat, trueDivide } from './numbers.ts';
import { checkLength, repeat } from './text.ts';
import { asString, Marked, type Py, Tuple, typeName, Undefined } from './values.ts';

/** Python's `left operator right`. Throws where Python does. */
export function operate(operator: string, left: Py, right: Py): Py {
  for (const value of [left, right]) {
    if (value instanceof Undefined) throw new TemplateError(value.message);
    if (value instanceof Marked && value.kind === 'html')
      throw new TemplateError(`'${operator}' does not work on text that is marked as HTML here; join it with ~`);
  }
  const [x, y] = [asNumber(left), asNumber(right)];
  const result = x !== undefined && y !== undefined ? calculate(operator, x, y) : combine(operator, left, right);
  if (result !== undefined) return result;
  throw new TemplateError(
    `'${operator}' does not fit ${typeName(left)} and ${typeName(right)}; ~ joins texts, | int makes a number of one`,
  );
}

type Number = bigint | number;

/** An int and a float make a float. */
function calculate(operator: string, x: Number, y: Number): Number | undefined {
  const [a, b] = typeof x === typeof y ? [x, y] : [asFloat(x), asFloat(y)];
  switch (operator) {
    case '/':
      return trueDivide(x, y);
    case '//':
      return divide(a, b)[0];
    case '%':
      return divide(a, b)[1];
    case '**':
      return power(x, y);
    default:
      return typeof a === 'bigint' && typeof b === 'bigint'
        ? whole(operator, a, b)
        : broken(operator, asFloat(a), asFloat(b));
  }
}

function asFloat(value: Number): number {
  return typeof value === 'number' ? value : toFloat(value);
}

function whole(operator: string, a: bigint, b: bigint): bigint {
  return bounded(operator === '+' ? a + b : operator === '-' ? a - b : a * b);
}

function broken(operator: string, a: number, b: number): number {
  return operator === '+' ? a + b : operator === '-' ? a - b : a * b;
}

function combine(operator: string, left: Py, right: Py): Py | undefined {
  const text = asString(left);
  if (operator === '%' && text !== undefined) return formatPercent(text, right);
  if (operator === '+') return add(left, right);
  return operator === '*' ? (multiply(left, right) ?? multiply(right, left)) : undefined;
}

function add(left: Py, right: Py): Py | undefined {
  const [a, b] = [asString(left), asString(right)];
  if (a !== undefined && b !== undefined) return a + b;
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  if (left instanceof Tuple && right instanceof Tuple) return new Tuple([...left.items, ...right.items]);
  return undefined;
}

function multiply(value: Py, times: Py): Py | undefined {
  if (asInteger(times) === undefined) return undefined;
  const count = asCount(times, 'a factor');
  const text = asString(value);
  if (text !== undefined) return repeat(text, count);
  if (Array.isArray(value)) return repeatItems(value, count);
  return value instanceof Tuple ? new Tuple(repeatItems(value.items, count)) : undefined;
}

function repeatItems(items: readonly Py[], count: number): Py[] {
  checkLength(items.length * Math.max(count, 0));
  return Array.from({ length: Math.max(count, 0) }, () => items).flatMap((each) => each);
}

/** One link of a chain such as `1 < x <= 3`. */
export function holds(operator: string, left: Py, right: Py): boolean {
  switch (operator) {
    case '==':
      return equals(left, right);
    case '!=':
      return !equals(left, right);
    case 'in':
      return contains(defined(right), left);
    case 'not in':
      return !contains(defined(right), left);
    default:
      return inOrder(operator, compare(defined(left), defined(right)));
  }
}

function inOrder(operator: string, order: number): boolean {
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

/** What Python cannot do with something that is not there is said with its name. */
export function defined(value: Py): Py {
  if (value instanceof Undefined) throw new TemplateError(value.message);
  const text = asString(value);
  if (text?.includes('\uE000') === true)
    throw new TemplateError('a secret is filled in after the template, which cannot look into it');
  return value;
}

export function sign(operator: '+' | '-', value: Py): Py {
  const number = asNumber(value);
  if (number !== undefined) return operator === '-' ? -number : number;
  if (value instanceof Undefined) throw new TemplateError(value.message);
  throw new TemplateError(`'${operator}' needs a number, not ${typeName(value)}; | int makes one of a text`);
}
