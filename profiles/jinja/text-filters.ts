import { capitalize, splitLines, strip, titleWords } from './characters.ts';
import { TemplateError } from './errors.ts';
import { asFloat, fixed, pair } from './numbers.ts';
import { writeJson } from './json.ts';
import { formatPercent } from './percent.ts';
import { countOf, flagOf, type Given, operation, type Operation, optionalText, textOf } from './signature.ts';
import { joinTexts, repeat, replaceText, toText } from './text.ts';
import { center } from './text-methods.ts';
import { asString, Dict, iterate, Marked, type Py, Tuple, Undefined } from './values.ts';

/** Filters that read anything as text; text that is marked as HTML stays marked. */
function filter(name: string, parameters: string, work: (text: string, given: Given) => string): [string, Operation] {
  return operation(name, parameters, (subject, given) => {
    const result = work(toText(subject), given);
    return subject instanceof Marked && subject.kind === 'html' ? new Marked(result, 'html') : result;
  });
}

export const textFilters: ReadonlyMap<string, Operation> = new Map([
  operation('as_text', '/', (value) => new Marked(toText(value), 'text')),
  operation('as_native', '/', (value) => new Marked(toText(value), 'native')),
  operation('as_bool', '/', (value) => new Marked(toText(value), 'bool')),
  operation('as_number', '/', (value) => new Marked(toText(value), 'number')),
  filter('string', '/', (text) => text),
  filter('lower', '', (text) => text.toLowerCase()),
  filter('upper', '', (text) => text.toUpperCase()),
  filter('capitalize', '', capitalize),
  filter('title', '', titleWords),
  filter('trim', 'chars?', (text, [characters]) => strip(text, optionalText(characters, 'chars'), 'both')),
  filter('center', 'width?', (text, [width]) => center(text, countOf(width, 'width', 80))),
  operation('replace', 'old new count?', (value, [old = null, fresh = null, count = null]) =>
    replaceText(toText(value), toText(old), toText(fresh), count === null ? -1 : countOf(count, 'count', -1)),
  ),
  operation('wordcount', '', (value) => BigInt(toText(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
  operation('format', '*', (value, args, _, named) => format(toText(value), args as Py[], named)),
  operation('indent', 'width? first? blank?', indent),
  operation('truncate', 'length? killwords? end? leeway?', truncate),
  operation('urlencode', '', (value) => urlencode(value)),
  operation('filesizeformat', 'binary?', (value, [binary]) => fileSize(value, flagOf(binary))),
  operation('tojson', 'indent?', (value, [indent = null]) => htmlJson(value, indent)),
  ...['escape', 'e', 'forceescape'].map((name) =>
    operation(name, '/', (value) => escape(value, name === 'forceescape')),
  ),
  operation('safe', '', (value) => new Marked(toText(value), 'html')),
]);

function format(text: string, args: Py[], named: ReadonlyMap<string, Py>): string {
  if (args.length > 0 && named.size > 0) throw new TemplateError('format takes values in order or by name, not both');
  return formatPercent(text, named.size > 0 ? new Dict(named) : new Tuple(args));
}

function indent(value: Py, [width, first, blank]: Given): string {
  const text = textOf(value, 'what | indent gets');
  const indentation =
    width !== undefined && asString(width) !== undefined
      ? textOf(width, 'width')
      : repeat(' ', countOf(width, 'width', 4));
  const [head = '', ...lines] = splitLines(`${text}\n`, false);
  const rest = lines.map((line) => (line === '' && !flagOf(blank) ? line : indentation + line));
  return joinTexts([(flagOf(first) ? indentation : '') + head, ...rest], '\n');
}

/** At the last blank before `length`, or anywhere with `killwords`; what is too long by `leeway` only is left. */
function truncate(value: Py, [length, killwords, end, leeway = null]: Given): string {
  const text = textOf(value, 'what | truncate gets');
  const ending = textOf(end, 'end', '...');
  const most = countOf(length, 'length', 255);
  const tolerance = leeway === null ? 5 : countOf(leeway, 'leeway', 5);
  const characters = Array.from(text);
  const room = most - Array.from(ending).length;
  if (room < 0 || tolerance < 0) throw new TemplateError('| truncate needs a length of at least that of its end');
  if (characters.length <= most + tolerance) return text;
  const kept = characters.slice(0, room).join('');
  const blank = kept.lastIndexOf(' ');
  return (flagOf(killwords) || blank === -1 ? kept : kept.slice(0, blank)) + ending;
}

function urlencode(value: Py): string {
  if (asString(value) !== undefined || !isIterable(value)) return quoteUrl(toText(value), '/');
  const pairs = value instanceof Dict ? value.entries() : Array.from(iterate(value), pair);
  const parts = pairs.map((both) => {
    if (!both) throw new TemplateError('| urlencode takes a text, a dict or pairs');
    return both.map((part) => quoteUrl(toText(part), '').replaceAll('%20', '+')).join('=');
  });
  return joinTexts(parts, '&');
}

function isIterable(value: Py): boolean {
  return typeof value === 'object' && value !== null && !(value instanceof Undefined);
}

/** Python's `urllib.parse.quote()`. */
function quoteUrl(text: string, safe: string): string {
  return Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const character = String.fromCharCode(byte);
    const kept = /[A-Za-z0-9_.~-]/.test(character) || safe.includes(character);
    return kept ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

const units = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];

function fileSize(value: Py, binary: boolean): string {
  const text = asString(value);
  const bytes = text === undefined ? asFloat(value) : Number(/^\d+(?:\.\d+)?$/.test(text) ? text : NaN);
  if (bytes === undefined || !Number.isFinite(bytes)) throw new TemplateError('| filesizeformat needs a number');
  const base = binary ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const at = units.findIndex((_, index) => bytes < base ** (index + 2));
  const place = at === -1 ? units.length - 1 : at;
  const unit = `${binary ? (units[place] ?? '').toUpperCase() : (units[place] ?? '')}${binary ? 'iB' : 'B'}`;
  return `${fixed((base * bytes) / base ** (place + 2), 1)} ${unit}`;
}

/** JSON in which the signs of HTML are escaped, with its keys in order. */
function htmlJson(value: Py, indentation: Py): Marked {
  const spaces = indentation === null ? undefined : countOf(indentation, 'indent', 0);
  const text = writeJson(value, { sorted: true, indent: spaces });
  const signs: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', "'": '\\u0027' };
  return new Marked(
    text.replaceAll(/[<>&']/g, (sign) => signs[sign] ?? sign),
    'html',
  );
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};

function escape(value: Py, again: boolean): Marked {
  if (value instanceof Marked && value.kind === 'html' && !again) return value;
  return new Marked(
    toText(value).replaceAll(/[&<>'"]/g, (sign) => entities[sign] ?? sign),
    'html',
  );
}
