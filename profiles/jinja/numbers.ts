import { TemplateError } from './errors.ts';
import { type Py, Tuple } from './values.ts';

/** Python writes no int of more digits. */
const maxInteger = 10n ** 4300n;

export function bounded(value: bigint): bigint {
  if (value > -maxInteger && value < maxInteger) return value;
  throw new TemplateError('a number may have 4300 digits');
}

/** True and False count as 1 and 0. */
export function asInteger(value: Py): bigint | undefined {
  if (typeof value === 'boolean') return value ? 1n : 0n;
  return typeof value === 'bigint' ? value : undefined;
}

export function asFloat(value: Py): number | undefined {
  if (typeof value === 'number') return value;
  const whole = asInteger(value);
  return whole === undefined ? undefined : toFloat(whole);
}

export function toFloat(value: bigint): number {
  const float = Number(value);
  if (Number.isFinite(float)) return float;
  throw new TemplateError('a whole number is too large to become a fraction');
}

/** A small whole number, for a length, a width or an index; far beyond what is allowed when it is larger. */
export function asCount(value: Py, what: string): number {
  const whole = asInteger(value);
  if (whole === undefined) throw new TemplateError(`${what} must be a whole number`);
  return Number(whole > 1_000_000_000n ? 1_000_000_000n : whole < -1_000_000_000n ? -1_000_000_000n : whole);
}

/** Python's repr() of a float: `1.0`, `1e+16`, `1e-05`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [digits = '0', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 16) {
    const text = exponent < 0 ? value.toFixed(-exponent + digits.replace(/[-.]/g, '').length - 1) : String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** The value as an exact fraction; it must be finite. */
function fraction(value: number): [bigint, bigint] {
  let [numerator, denominator] = [value, 1n];
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return [BigInt(numerator), denominator];
}

/** The nearest whole number to a fraction; of two that are as near, the even one. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n;
  const positive = negative ? -numerator : numerator;
  const [whole, rest] = [positive / denominator, positive % denominator];
  const up = rest * 2n > denominator || (rest * 2n === denominator && whole % 2n === 1n);
  const rounded = up ? whole + 1n : whole;
  return negative ? -rounded : rounded;
}

/** With `places` digits after the point, rounded as Python does it: exactly, and ties to the even digit. */
export function fixed(value: number | bigint, places: number): string {
  if (places > 1000) throw new TemplateError('a number may have 1000 digits after the point');
  if (typeof value === 'number' && !Number.isFinite(value)) return floatText(value);
  const [numerator, denominator] = typeof value === 'bigint' ? [value, 1n] : fraction(value);
  const scaled = nearest(numerator * 10n ** BigInt(places), denominator);
  const negative = scaled < 0n || (scaled === 0n && (value < 0 || Object.is(value, -0)));
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return negative ? `-${text}` : text;
}

/** Python's `round()`: an int stays one, a float too. */
export function round(value: bigint | number, places: number): bigint | number {
  if (typeof value === 'bigint') {
    if (places >= 0) return value;
    if (places < -4300) return 0n;
    const unit = 10n ** BigInt(-places);
    return nearest(value, unit) * unit;
  }
  if (!Number.isFinite(value) || places > 323) return value;
  if (places >= 0) return Number(fixed(value, places));
  if (places < -308) return value < 0 ? -0 : 0;
  const [numerator, denominator] = fraction(value);
  const unit = 10n ** BigInt(-places);
  const rounded = Number(nearest(numerator, denominator * unit) * unit);
  return rounded === 0 && value < 0 ? -0 : rounded;
}

/** Python's floor division and its remainder, which has the sign of the divisor. */
export function divide(a: bigint | number, b: bigint | number): readonly [bigint | number, bigint | number] {
  if (b === 0 || b === 0n) throw new TemplateError('it divides by zero');
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    const rest = a % b;
    const below = rest !== 0n && rest < 0n !== b < 0n;
    return [a / b - (below ? 1n : 0n), below ? rest + b : rest];
  }
  return divideFloats(Number(a), Number(b));
}

function divideFloats(a: number, b: number): readonly [number, number] {
  let rest = a % b;
  let quotient = (a - rest) / b;
  if (rest === 0) rest = b < 0 ? -0 : 0;
  else if (b < 0 !== rest < 0) {
    rest += b;
    quotient -= 1;
  }
  if (quotient === 0) return [a < 0 === b < 0 ? 0 : -0, rest];
  const whole = Math.floor(quotient);
  return [quotient - whole > 0.5 ? whole + 1 : whole, rest];
}

/** Exactly rounded for what Python divides exactly too. */
export function trueDivide(a: bigint | number, b: bigint | number): number {
  if (b === 0 || b === 0n) throw new TemplateError('it divides by zero');
  const exact = [a, b].every((each) => typeof each === 'number' || Number.isSafeInteger(Number(each)));
  if (exact || typeof a === 'number' || typeof b === 'number') return Number(a) / Number(b);
  throw new TemplateError('numbers of more than 15 digits cannot be divided with /; use //');
}

export function power(base: bigint | number, exponent: bigint | number): bigint {
  if (typeof base !== 'bigint' || typeof exponent !== 'bigint' || exponent < 0n)
    throw new TemplateError('** works on whole numbers here, with an exponent of at least 0');
  const small = base >= -1n && base <= 1n;
  if (small) return exponent === 0n ? 1n : exponent % 2n === 0n ? base * base : base;
  const bits = BigInt(base.toString(2).length - 1) * exponent;
  if (bits > 20_000n) throw new TemplateError('a number may have 4300 digits');
  return bounded(base ** exponent);
}

const digitsOf: Readonly<Record<number, string>> = { 2: '[01]', 8: '[0-7]', 10: '\\d', 16: '[\\da-f]' };

/** Python's `int(text, base)`; undefined where that fails. */
export function parseInteger(text: string, base: number): bigint | undefined {
  const digit = digitsOf[base];
  if (digit === undefined) throw new TemplateError('the base of a number is 2, 8, 10 or 16 here');
  const prefix = { 2: '(?:0b_?)?', 8: '(?:0o_?)?', 16: '(?:0x_?)?' }[base] ?? '';
  const match = new RegExp(`^([-+]?)${prefix}(${digit}+(?:_${digit}+)*)$`, 'i').exec(stripped(text));
  if (!match?.[2]) return undefined;
  const digits = match[2].replaceAll('_', '');
  if (digits.length > 4300) throw new TemplateError('a number may have 4300 digits');
  const value = BigInt(`${{ 2: '0b', 8: '0o', 16: '0x' }[base] ?? ''}${digits}`);
  return match[1] === '-' ? -value : value;
}

/** Python's `float(text)`; undefined where that fails. */
export function parseFloatText(text: string): number | undefined {
  const trimmed = stripped(text);
  const digits = '\\d+(?:_\\d+)*';
  const decimal = new RegExp(`^[-+]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:e[-+]?${digits})?$`, 'i');
  if (decimal.test(trimmed)) return Number(trimmed.replaceAll('_', ''));
  const special = /^([-+]?)(inf(?:inity)?|nan)$/i.exec(trimmed);
  if (!special) return undefined;
  const value = /^i/i.test(special[2] ?? '') ? Infinity : NaN;
  return special[1] === '-' ? -value : value;
}

function stripped(text: string): string {
  if (/[^\p{ASCII}]/u.test(text) && /[^\P{Nd}0-9]/u.test(text))
    throw new TemplateError('only the digits 0 to 9 are read as a number here');
  return text.replace(/^[\s\x1c-\x1f\x85]+|[\s\x1c-\x1f\x85]+$/g, '');
}

/** Whether a value is a number for Python's operators. */
export function asNumber(value: Py): bigint | number | undefined {
  return typeof value === 'number' ? value : asInteger(value);
}

export function pair(value: Py): readonly [Py, Py] | undefined {
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : [];
  const [first, second] = items;
  return items.length === 2 && first !== undefined && second !== undefined ? [first, second] : undefined;
}
