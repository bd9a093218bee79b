import { TemplateError, TemplateSyntaxError } from './errors.ts';
import { whitespace } from './text.ts';

/** One lexeme; `text` of a name, an operator or data, `value` of a literal. */
export interface Token {
  readonly type: 'data' | 'open' | 'close' | 'begin' | 'end' | 'name' | 'operator' | 'string' | 'number' | 'eof';
  readonly text: string;
  readonly value?: string | bigint | number;
}

const float = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const integer = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const name = /[\p{L}\p{M}\p{N}_]+/uy;
const string = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/sy;
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const blank = new RegExp(`${whitespace}+`, 'uy');

const raw = new RegExp(`\\{%[-+]?${whitespace}*raw${whitespace}*(?:-%\\}${whitespace}*|%\\})`, 'uy');
const endOfRaw = new RegExp(
  `(.*?)\\{%([-+]?)${whitespace}*endraw${whitespace}*(?:\\+%\\}|-%\\}${whitespace}*|%\\})`,
  'suy',
);
const endOfComment = new RegExp(`.*?(?:\\+#\\}|-#\\}${whitespace}*|#\\})`, 'suy');
const endOfStatement = new RegExp(`\\+%\\}|-%\\}${whitespace}*|%\\}`, 'uy');
const endOfExpression = new RegExp(`-\\}\\}${whitespace}*|\\}\\}`, 'uy');
const trailing = new RegExp(`${whitespace}+$`, 'u');

/** The line breaks of a template are all \n in Jinja, and one at its end is dropped. */
export function normalizeLines(template: string): string {
  return template.replaceAll(/\r\n?/g, '\n').replace(/\n$/, '');
}

/** Takes a template apart as Jinja's own lexer does, with dbt's settings. Throws TemplateSyntaxError. */
export function tokenize(template: string): Token[] {
  return new Lexer(normalizeLines(template)).run();
}

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  run(): Token[] {
    while (this.#at < this.#source.length) this.#root();
    this.#push('eof', '');
    return this.#tokens;
  }

  #push(type: Token['type'], text: string, value?: Token['value']): void {
    this.#tokens.push(value === undefined ? { type, text } : { type, text, value });
  }

  /** Data up to the next tag, and the tag. */
  #root(): void {
    const found = /\{[%{#]/g;
    found.lastIndex = this.#at;
    const start = found.exec(this.#source)?.index ?? this.#source.length;
    this.#data(this.#source.slice(this.#at, start), this.#source[start + 2]);
    this.#at = start;
    if (start === this.#source.length) return;
    if (this.#match(raw) !== undefined) this.#raw();
    else this.#tag(start);
  }

  #tag(start: number): void {
    const tag = this.#source[start + 1];
    this.#at += /[-+]/.test(this.#source[start + 2] ?? '') ? 3 : 2;
    if (tag === '#') this.#comment();
    else if (tag === '%') this.#inside('begin', 'end', endOfStatement);
    else this.#inside('open', 'close', endOfExpression);
  }

  #data(text: string, control: string | undefined): void {
    const kept = control === '-' ? text.replace(trailing, '') : text;
    if (kept !== '') this.#push('data', kept);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#source) ?? [];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #raw(): void {
    endOfRaw.lastIndex = this.#at;
    const match = endOfRaw.exec(this.#source);
    if (!match) throw new TemplateSyntaxError('{% raw %} has no {% endraw %}');
    this.#data(match[1] ?? '', match[2]);
    this.#at += match[0].length;
  }

  #comment(): void {
    if (this.#match(endOfComment) === undefined) throw new TemplateSyntaxError('a comment {# has no end #}');
  }

  /** Inside brackets `}}` and `%}` are no end: `{{ {'a': {}}}}`. */
  #inside(begin: 'open' | 'begin', end: 'close' | 'end', ending: RegExp): void {
    this.#push(begin, '');
    const brackets: string[] = [];
    while (this.#at < this.#source.length) {
      if (brackets.length === 0 && this.#match(ending) !== undefined) {
        this.#push(end, '');
        return;
      }
      if (this.#match(blank) === undefined && !this.#literal()) this.#operator(brackets);
    }
    this.#push('eof', '');
  }

  #literal(): boolean {
    const broken = this.#source[this.#at - 1] === '.' ? undefined : this.#match(float);
    if (broken !== undefined) this.#push('number', broken, Number(broken.replaceAll('_', '')));
    const whole = broken ?? this.#match(integer);
    if (whole !== undefined && broken === undefined) this.#push('number', whole, BigInt(whole.replaceAll('_', '')));
    const word = whole ?? this.#match(name);
    if (word !== undefined && whole === undefined) this.#push('name', checkName(word));
    const quoted = word ?? this.#match(string);
    if (quoted !== undefined && word === undefined) this.#push('string', quoted, unescape(quoted.slice(1, -1)));
    return quoted !== undefined;
  }

  #operator(brackets: string[]): void {
    const sign = this.#match(operator);
    if (sign === undefined) throw new TemplateSyntaxError(`it has an unexpected ${this.#source[this.#at] ?? 'end'}`);
    balance(brackets, sign);
    this.#push('operator', sign);
  }
}

function checkName(word: string): string {
  if (/^[\p{ID_Start}_]\p{ID_Continue}*$/u.test(word)) return word;
  throw new TemplateSyntaxError(`${word} is not a name`);
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

function balance(brackets: string[], sign: string): void {
  const close = closing[sign];
  if (close !== undefined) brackets.push(close);
  else if (/[)\]}]/.test(sign) && brackets.pop() !== sign)
    throw new TemplateSyntaxError(`it has an unexpected ${sign}`);
}

const escapes: Readonly<Record<string, string>> = {
  ...{ '\\': '\\', "'": "'", '"': '"', '\n': '' },
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

const escape = /\\(?:([0-7]{1,3})|x([\da-fA-F]{0,2})|u([\da-fA-F]{0,4})|U([\da-fA-F]{0,8})|(N)|([^]))/gu;

/** The escapes of Python's texts; one that Python does not know stays as it stands. */
export function unescape(text: string): string {
  return text.replaceAll(escape, (whole: string, ...groups: (string | undefined)[]) => {
    const [octal, two, four, eight, named, other] = groups;
    if (octal !== undefined) return String.fromCodePoint(parseInt(octal, 8));
    if (other !== undefined) return escapes[other] ?? whole;
    // `\N{DASH}` needs Python's table of names.
    if (named !== undefined) return codePoint(whole, undefined, 1);
    const length = two !== undefined ? 2 : four !== undefined ? 4 : 8;
    return codePoint(whole, two ?? four ?? eight, length);
  });
}

function codePoint(whole: string, digits: string | undefined, length: number): string {
  const code = digits?.length === length ? parseInt(digits, 16) : NaN;
  if (code <= 0x10ffff) return String.fromCodePoint(code);
  throw new TemplateError(`it has the escape ${whole}, which cannot be read; write the character itself`);
}
