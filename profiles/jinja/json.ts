import { parse } from 'lossless-json';
import { sorted } from './comparison.ts';
import { TemplateError } from './errors.ts';
import { bounded, floatText } from './numbers.ts';
import { joinTexts } from './text.ts';
import { asString, Dict, type Py, Tuple, typeName, Undefined } from './values.ts';

/** The value in a JSON text, with ints and floats told apart; undefined where it is not JSON. */
export function readJson(text: string): Py | undefined {
  try {
    const onDuplicateKey = ({ newValue }: { newValue: unknown }) => newValue;
    return fromJson(parse(text, undefined, { parseNumber: readNumber, onDuplicateKey }));
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    // Python takes these; here they would be a default without a word.
    if (/\b(?:NaN|Infinity)\b/.test(text)) throw new TemplateError('fromjson() takes no NaN and no Infinity here');
    return undefined;
  }
}

function readNumber(digits: string): bigint | number {
  return /^-?\d+$/.test(digits) ? bounded(digits.length > 4400 ? 10n ** 4400n : BigInt(digits)) : Number(digits);
}

function fromJson(value: unknown): Py {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value as Py;
  return new Dict(Object.entries(value).map(([key, item]) => [key, fromJson(item)] as const));
}

interface JsonOptions {
  readonly sorted: boolean;
  readonly indent?: number | undefined;
}

/** Python's `json.dumps()`. Throws for what JSON has not. */
export function writeJson(value: Py, options: JsonOptions, depth = 0): string {
  const text = asString(value);
  if (text !== undefined) return quote(text);
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value).replace('inf', 'Infinity').replace('nan', 'NaN');
  const items = value instanceof Tuple ? value.items : value;
  if (Array.isArray(items))
    return wrap(
      '[',
      items.map((item: Py) => writeJson(item, options, depth + 1)),
      ']',
      options,
      depth,
    );
  if (!(value instanceof Dict)) throw new TemplateError(notJson(value));
  return wrap('{', members(value, options, depth), '}', options, depth);
}

function notJson(value: Py): string {
  return value instanceof Undefined ? value.message : `${typeName(value)} cannot be written as JSON; make a list of it`;
}

function members(dict: Dict, options: JsonOptions, depth: number): string[] {
  const pairs = dict.entries();
  const keys = options.sorted
    ? sorted(
        pairs.map(([key]) => key),
        (key) => key,
        false,
      )
    : pairs.map(([key]) => key);
  return keys.map((key) => `${quote(keyText(key))}: ${writeJson(dict.get(key) ?? null, options, depth + 1)}`);
}

function keyText(key: Py): string {
  const text = asString(key);
  if (text !== undefined) return text;
  if (key === null || typeof key !== 'object') return writeJson(key, { sorted: false });
  throw new TemplateError(`${typeName(key)} cannot be a key in JSON`);
}

function wrap(open: string, parts: string[], close: string, { indent }: JsonOptions, depth: number): string {
  if (parts.length === 0) return open + close;
  if (indent === undefined) return open + joinTexts(parts, ', ') + close;
  const line = (level: number) => `\n${' '.repeat(Math.max(0, indent) * level)}`;
  return open + line(depth + 1) + joinTexts(parts, `,${line(depth + 1)}`) + line(depth) + close;
}

/** In ASCII, as Python writes it. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll(/[\x7f-\uffff]/g, (character) =>
    /[\x7f\uE000-\uF8FF]/.test(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
