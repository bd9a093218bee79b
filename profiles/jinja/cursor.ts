import { TemplateSyntaxError } from './errors.ts';
import type { Token } from './lexer.ts';

/** Deeper than this nothing is meant to be nested; the parser and the evaluation call themselves. */
const maxDepth = 100;

const end: Token = { type: 'eof', text: '' };

/** A place in a list of tokens. */
export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get current(): Token {
    return this.#tokens[this.#at] ?? end;
  }

  get following(): Token {
    return this.#tokens[this.#at + 1] ?? end;
  }

  next(): Token {
    const token = this.current;
    this.#at += 1;
    return token;
  }

  isOperator(...signs: string[]): boolean {
    return this.current.type === 'operator' && signs.includes(this.current.text);
  }

  isName(...names: string[]): boolean {
    return this.current.type === 'name' && names.includes(this.current.text);
  }

  skipOperator(sign: string): boolean {
    const found = this.isOperator(sign);
    if (found) this.next();
    return found;
  }

  skipName(name: string): boolean {
    const found = this.isName(name);
    if (found) this.next();
    return found;
  }

  expectOperator(sign: string): void {
    if (!this.skipOperator(sign)) this.fail(`'${sign}'`);
  }

  expect(type: Token['type'], what: string): Token {
    return this.current.type === type ? this.next() : this.fail(what);
  }

  /** Parses something that may hold something of the same. */
  deeper<T>(parse: () => T): T {
    if (++this.#depth > maxDepth) throw new TemplateSyntaxError(`it is nested more than ${maxDepth} levels deep`);
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  fail(expected: string): never {
    const found = this.current.text || endings[this.current.type] || 'nothing';
    throw new TemplateSyntaxError(`where ${expected} should be there is ${found}`);
  }
}

const endings: Partial<Record<Token['type'], string>> = { close: '}}', end: '%}', eof: 'the end', string: "''" };
