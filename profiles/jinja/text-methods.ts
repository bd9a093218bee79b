import { formatBraces } from './brace-format.ts';
import {
  capitalize,
  isLower,
  isUpper,
  questions,
  split,
  splitLines,
  splitRight,
  strip,
  swapCase,
  title,
} from './characters.ts';
import { TemplateError } from './errors.ts';
import { pad } from './format-spec.ts';
import { countOf, flagOf, type Given, operation, type Operation, optionalText, textOf } from './signature.ts';
import { joinTexts, repeat, replaceText } from './text.ts';
import { iterate, type Py, Tuple } from './values.ts';

type TextWork = (text: string, given: Given) => Py;

function method(name: string, parameters: string, work: TextWork): [string, Operation] {
  return operation(name, parameters, (subject, given) => work(textOf(subject, `.${name}()`), given));
}

/** The methods of Python's str. */
export const textMethods: ReadonlyMap<string, Operation> = new Map([
  method('capitalize', '/', capitalize),
  method('center', '/ width fill?', (text, given) => justify(text, given, 'center')),
  method('count', '/ part start? end?', (text, [part, start, end]) => occurrences(within(text, start, end), part)),
  method('endswith', '/ end start? stop?', (text, [end, start, stop]) =>
    choices(end).some((each) => within(text, start, stop).endsWith(each)),
  ),
  method('expandtabs', 'tabsize?', expandTabs),
  method('find', '/ part start? end?', (text, given) => find(text, given, 'first')),
  operation('format', '*', (subject, args, _, named) =>
    formatBraces(textOf(subject, '.format()'), args as Py[], named),
  ),
  method('index', '/ part start? end?', (text, given) => found(find(text, given, 'first'))),
  ...Object.entries(questions).map(([name, pattern]) => method(name, '/', (text) => pattern.test(text))),
  method('isdigit', '/', (text) => /^\d+$/.test(ascii(text, 'isdigit'))),
  method('islower', '/', isLower),
  method('isupper', '/', isUpper),
  method('join', '/ items', (text, [items]) => joinAll(text, items ?? null)),
  method('ljust', '/ width fill?', (text, given) => justify(text, given, '<')),
  method('lower', '/', (text) => text.toLowerCase()),
  method('casefold', '/', (text) => ascii(text, 'casefold').toLowerCase()),
  method('lstrip', '/ characters?', (text, [some]) => strip(text, optionalText(some, 'a set of characters'), 'left')),
  method('partition', '/ separator', (text, [separator]) => partition(text, textOf(separator, 'a separator'), 'first')),
  method('removeprefix', '/ prefix', (text, [prefix]) => {
    const start = textOf(prefix, 'a prefix');
    return text.startsWith(start) ? text.slice(start.length) : text;
  }),
  method('removesuffix', '/ suffix', (text, [suffix]) => {
    const end = textOf(suffix, 'a suffix');
    return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
  }),
  method('replace', '/ old new count?', (text, [old, fresh, count]) =>
    replaceText(text, textOf(old, 'the old text'), textOf(fresh, 'the new text'), countOf(count, 'a count', -1)),
  ),
  method('rfind', '/ part start? end?', (text, given) => find(text, given, 'last')),
  method('rindex', '/ part start? end?', (text, given) => found(find(text, given, 'last'))),
  method('rjust', '/ width fill?', (text, given) => justify(text, given, '>')),
  method('rpartition', '/ separator', (text, [separator]) => partition(text, textOf(separator, 'a separator'), 'last')),
  method('rsplit', 'sep? maxsplit?', (text, [separator, limit]) =>
    splitRight(text, separatorOf(separator), countOf(limit, 'maxsplit', -1)),
  ),
  method('rstrip', '/ characters?', (text, [some]) => strip(text, optionalText(some, 'a set of characters'), 'right')),
  method('split', 'sep? maxsplit?', (text, [separator, limit]) =>
    split(text, separatorOf(separator), countOf(limit, 'maxsplit', -1)),
  ),
  method('splitlines', 'keepends?', (text, [keepEnds]) => splitLines(text, flagOf(keepEnds))),
  method('startswith', '/ start from? stop?', (text, [start, from, stop]) =>
    choices(start).some((each) => within(text, from, stop).startsWith(each)),
  ),
  method('strip', '/ characters?', (text, [some]) => strip(text, optionalText(some, 'a set of characters'), 'both')),
  method('swapcase', '/', swapCase),
  method('title', '/', title),
  method('upper', '/', (text) => text.toUpperCase()),
  method('zfill', '/ width', (text, [width]) => {
    const signLength = /^[-+]/.test(text) ? 1 : 0;
    return pad(text, { fill: '0', align: '=', width: countOf(width, 'a width', 0) }, signLength);
  }),
]);

/** Python's answers about other scripts rest on tables of its own. */
function ascii(text: string, name: string): string {
  if (questions['isascii']?.test(text)) return text;
  throw new TemplateError(`.${name}() is offered for plain letters and digits only`);
}

function separatorOf(value: Py | undefined): string | undefined {
  const separator = optionalText(value, 'a separator');
  if (separator === '') throw new TemplateError('an empty separator has nothing to split at');
  return separator;
}

/** One text, or a tuple of them. */
function choices(value: Py | undefined): string[] {
  if (value instanceof Tuple) return value.items.map((item) => textOf(item, 'a beginning or an end'));
  return [textOf(value, 'a beginning or an end')];
}

/** The part of a text that is looked at; only from its beginning on or whole, which is all that profiles want. */
function within(text: string, start: Py | undefined, end: Py | undefined): string {
  if (start === undefined && end === undefined) return text;
  throw new TemplateError('a start and an end are not offered here; take the part first: text[2:5]');
}

function occurrences(text: string, part: Py | undefined): bigint {
  const wanted = textOf(part, 'what is counted');
  return BigInt(wanted === '' ? Array.from(text).length + 1 : text.split(wanted).length - 1);
}

function find(text: string, [part, start, end]: Given, which: 'first' | 'last'): bigint {
  const looked = within(text, start, end);
  const wanted = textOf(part, 'what is looked for');
  const at = which === 'first' ? looked.indexOf(wanted) : looked.lastIndexOf(wanted);
  return at === -1 ? -1n : BigInt(Array.from(looked.slice(0, at)).length);
}

function found(at: bigint): bigint {
  if (at === -1n) throw new TemplateError('the part that is looked for is not in the text');
  return at;
}

function justify(text: string, [width, fill]: Given, align: '<' | '>' | 'center'): string {
  const filler = textOf(fill, 'what it is filled with', ' ');
  if (Array.from(filler).length !== 1) throw new TemplateError('a text is filled with one character');
  const full = countOf(width, 'a width', 0);
  return align === 'center' ? center(text, full, filler) : pad(text, { fill: filler, align, width: full });
}

/** Of an odd number of blanks Python puts the last on the left where the width is odd. */
export function center(text: string, width: number, fill = ' '): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  const left = Math.floor(missing / 2) + (missing % 2 === 1 && width % 2 === 1 ? 1 : 0);
  return repeat(fill, left) + text + repeat(fill, missing - left);
}

function joinAll(separator: string, items: Py): string {
  return joinTexts(
    Array.from(iterate(items), (item) => textOf(item, 'what is joined')),
    separator,
  );
}

function partition(text: string, separator: string, which: 'first' | 'last'): Tuple {
  if (separator === '') throw new TemplateError('an empty separator has nothing to split at');
  const at = which === 'first' ? text.indexOf(separator) : text.lastIndexOf(separator);
  if (at !== -1) return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  return new Tuple(which === 'first' ? [text, '', ''] : ['', '', text]);
}

function expandTabs(text: string, [size]: Given): string {
  const width = countOf(size, 'a width', 8);
  const pieces: string[] = [];
  let column = 0;
  for (const character of text) {
    const blanks = character === '\t' ? repeat(' ', width > 0 ? width - (column % width) : 0) : character;
    pieces.push(blanks);
    column = /[\n\r]/.test(character) ? 0 : column + blanks.length;
  }
  return joinTexts(pieces, '');
}
