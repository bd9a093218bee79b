import { TemplateError } from './errors.ts';
import { formatFloat, formatInteger, pad, type Spec } from './format-spec.ts';
import { asCount, asFloat, asInteger } from './numbers.ts';
import { joinTexts, toSource, toText } from './text.ts';
import { asString, Dict, type Py, Tuple, typeName } from './values.ts';

const directive =
  /%(?:\((?<key>[^()]*)\))?(?<flags>[-+ #0]*)(?<width>\*|\d*)(?:\.(?<precision>\*|\d*))?[hlL]?(?<type>.?)/gsu;

/** Python's `template % values`: one value, a tuple of several, or a dict of named ones. */
export function formatPercent(template: string, values: Py): string {
  const given = new Values(values);
  const pieces: string[] = [];
  let at = 0;
  for (const match of template.matchAll(directive)) {
    pieces.push(template.slice(at, match.index), formatOne(match.groups ?? {}, given));
    at = match.index + match[0].length;
  }
  given.finish();
  return joinTexts([...pieces, template.slice(at)], '');
}

/** The values in their order; what is left over is an error, as it is in Python. */
class Values {
  readonly #given: Py;
  readonly #rest: Py[];
  #named = false;

  constructor(given: Py) {
    this.#given = given;
    this.#rest = given instanceof Tuple ? [...given.items] : [given];
  }

  next(): Py {
    const value = this.#rest.shift();
    if (value === undefined) throw new TemplateError('the format asks for more values than there are');
    return value;
  }

  named(key: string): Py {
    this.#named = true;
    const value = this.#given instanceof Dict ? this.#given.get(key) : undefined;
    if (value === undefined) throw new TemplateError(`the format asks for ${key}, which is not among the values`);
    return value;
  }

  finish(): void {
    const mayBeLeft = this.#named || this.#given instanceof Dict || Array.isArray(this.#given);
    if (this.#rest.length > 0 && !mayBeLeft) throw new TemplateError('there are more values than the format asks for');
  }
}

function formatOne(parts: Partial<Record<string, string>>, values: Values): string {
  const { key, flags = '', width = '', precision, type = '' } = parts;
  if (type === '%') return '%';
  if (width === '*' || precision === '*') throw new TemplateError('a * in a format is not offered in a profile');
  const value = key === undefined ? values.next() : values.named(key);
  const left = flags.includes('-');
  const numeric = !/[src]/.test(type);
  const spec: Spec = {
    fill: numeric && flags.includes('0') && !left ? '0' : ' ',
    align: left ? '<' : numeric && flags.includes('0') ? '=' : '>',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-',
    alternate: flags.includes('#'),
    width: Number(width),
    grouping: '',
    precision: precision === undefined ? undefined : Number(precision),
    type: type === 'i' || type === 'u' ? 'd' : type,
  };
  return formatValue(value, spec);
}

function formatValue(value: Py, spec: Spec): string {
  switch (spec.type) {
    case 's':
      return cut(toText(value), spec);
    case 'r':
      return cut(toSource(value), spec);
    case 'd':
      return formatInteger(truncated(value), withoutPrecision(spec));
    case 'x':
    case 'X':
    case 'o':
      return formatInteger(asInteger(value) ?? needsNumber(value), withoutPrecision(spec));
    case 'f':
    case 'F':
      return formatFloat(asFloat(value) ?? needsNumber(value), spec);
    case 'c':
      return pad(character(value), spec);
    default:
      throw new TemplateError(`the format %${spec.type} is not offered in a profile; %s, %d and %f are`);
  }
}

function cut(text: string, spec: Spec): string {
  return pad(spec.precision === undefined ? text : Array.from(text).slice(0, spec.precision).join(''), spec);
}

function withoutPrecision(spec: Spec): Spec {
  if (spec.precision === undefined) return spec;
  throw new TemplateError('a whole number has no digits after the point');
}

function truncated(value: Py): bigint {
  if (typeof value === 'number' && Number.isFinite(value)) return BigInt(Math.trunc(value));
  return asInteger(value) ?? needsNumber(value);
}

function needsNumber(value: Py): never {
  throw new TemplateError(`the format needs a number, not ${typeName(value)}`);
}

function character(value: Py): string {
  const text = asString(value);
  if (text !== undefined && Array.from(text).length === 1) return text;
  if (text !== undefined || asInteger(value) === undefined) return needsNumber(value);
  return String.fromCodePoint(Math.min(asCount(value, 'a character'), 0x10ffff));
}
