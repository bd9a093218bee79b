import { TemplateError } from './errors.ts';
import { floatText } from './numbers.ts';
import { asString, Dict, Marked, PySet, type Py, Range, Tuple, typeName, Undefined, View } from './values.ts';

/** Python's white space, as a class for a regular expression with the flag u; JavaScript's \s is another. */
export const whitespace = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';

/** What a value may grow to. */
export const maxText = 1_000_000;

/** Stands for the secret of this number while a template is evaluated: characters for private use, which no filter changes. */
export function secretMark(index: number): string {
  return `\uE000${String.fromCharCode(0xe100 + index)}\uE001`;
}

export const secretMarks = /\uE000([\uE100-\uF8FF])\uE001/g;

/** Python's `str()`. */
export function toText(value: Py): string {
  const text = asString(value);
  if (text !== undefined) return text;
  if (value instanceof Undefined) {
    if (value.blank) return '';
    throw new TemplateError(value.message);
  }
  return toSource(value);
}

/** Python's `repr()`. */
export function toSource(value: Py): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatText(value);
  if (value instanceof Marked && value.kind === 'html') return `Markup(${quote(value.text)})`;
  const text = asString(value);
  return text === undefined ? collectionText(value) : quote(text);
}

function collectionText(value: Py): string {
  const list = (items: readonly Py[]) => items.map(toSource).join(', ');
  if (Array.isArray(value)) return `[${list(value)}]`;
  if (value instanceof Tuple) return `(${list(value.items)}${value.items.length === 1 ? ',' : ''})`;
  if (value instanceof Dict)
    return `{${value
      .entries()
      .map((pair) => pair.map(toSource).join(': '))
      .join(', ')}}`;
  if (value instanceof Range)
    return `range(${[value.start, value.stop, ...(value.step === 1n ? [] : [value.step])].join(', ')})`;
  if (value instanceof View) return `dict_${value.kind}([${list(value.items())}])`;
  if (value instanceof PySet && value.size < 2) return value.size === 0 ? 'set()' : `{${list(value.unordered())}}`;
  if (value instanceof Undefined) throw new TemplateError(value.message);
  throw new TemplateError(`${typeName(value)} cannot be written as text; make a list of it with | list`);
}

/** With single quotes, unless there are only such inside; what cannot be printed is escaped. */
function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll(/\uE000[\uE100-\uF8FF]\uE001|[\\'"]|[\p{C}\p{Z}]/gu, (found) => {
    if (found.length === 3 || found === ' ') return found;
    if (found === '\\' || found === mark) return `\\${found}`;
    return /['"]/.test(found) ? found : escapeCharacter(found);
  });
  return `${mark}${escaped}${mark}`;
}

function escapeCharacter(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Throws before a text is made that would be too long. */
export function checkLength(length: number): void {
  if (length > maxText) throw new TemplateError(`a value may have ${maxText} characters`);
}

/** `text` again and again; thrown before it is made when it would be too long. */
export function repeat(text: string, count: number): string {
  checkLength(text.length * Math.max(count, 0));
  return text.repeat(Math.max(count, 0));
}

export function joinTexts(texts: readonly string[], separator: string): string {
  checkLength(texts.reduce((sum, text) => sum + text.length + separator.length, 0));
  return texts.join(separator);
}

/** Python's `str.replace()`: the first `count`, or all when it is negative. */
export function replaceText(text: string, from: string, to: string, count: number): string {
  const pieces = from === '' ? ['', ...Array.from(text), ''] : text.split(from);
  const places = Math.min(pieces.length - 1, count < 0 ? Infinity : count);
  const rest = pieces.slice(places);
  return joinTexts([...pieces.slice(0, places), rest.join(from)], to);
}
