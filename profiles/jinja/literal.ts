import { TemplateError } from './errors.ts';
import { unescape } from './lexer.ts';
import { Dict, type Py, PySet, Tuple } from './values.ts';

/** Thrown, and caught again, where a text is no literal. */
class NotLiteral extends Error {}

/**
 * Python's `ast.literal_eval()`: `4`, `True`, `['a', {'b': 1}]`; undefined where the text is no literal of Python. Throws
 * TemplateError for literals that are none of ours: bytes, complex numbers, texts in three quotes.
 */
export function readLiteral(text: string): Py | undefined {
  try {
    const reader = new Reader(text.replace(/^[ \t]+/, '').replace(/^[\f\n\r]+/, ''));
    return reader.whole();
  } catch (error) {
    if (error instanceof NotLiteral) return undefined;
    throw error;
  }
}

const blank = /[ \t\f\n\r\\]*/y;
const number =
  /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+(?:_\d+)*)(?:[eE][-+]?\d+(?:_\d+)*)?[jJ]?/y;
const quoted = /([rRuU]?)('(?:[^'\\\n]|\\[^])*'|"(?:[^"\\\n]|\\[^])*")/y;
const word = /[\p{L}_][\p{L}\p{N}_]*/uy;
const unsupported = /[bB][rR]?['"]|[rR][bB]['"]|[rRuU]?(?:'''|""")|\.\.\./y;

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Py {
    // In brackets a new line means nothing; outside of them it ends the literal.
    const value = this.#several(undefined);
    this.#skip();
    if (/^[-+]\s*[\d.]+[jJ]/.test(this.#text.slice(this.#at)))
      throw new TemplateError('complex numbers are not read here');
    if (this.#at < this.#text.length) this.#stop();
    return value;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text) ?? undefined;
    if (match) this.#at += match[0].length;
    return match;
  }

  #skip(): void {
    const skipped = this.#match(blank)?.[0] ?? '';
    const rest = this.#text.slice(this.#at);
    if (rest.startsWith('#') || skipped.includes('\\'))
      throw new TemplateError('a literal of Python has no comment and no continued line here');
    if (this.#depth === 0 && /[\n\r]/.test(skipped) && rest !== '') this.#stop();
  }

  #take(sign: string): boolean {
    this.#skip();
    if (!this.#text.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    return true;
  }

  #stop(): never {
    throw new NotLiteral();
  }

  /** Values with commas between, up to `close`: a tuple, unless it is one value without a comma. */
  #several(close: string | undefined): Py {
    const items: Py[] = [];
    let isTuple = false;
    while (!(close === undefined ? this.#ended() : this.#take(close))) {
      if (items.length > 0 && !isTuple) this.#stop();
      items.push(this.#value());
      const comma = this.#take(',');
      isTuple ||= comma;
      if (comma) continue;
      if (close === undefined ? this.#ended() : this.#take(close)) break;
      this.#stop();
    }
    const [only] = items;
    if (only !== undefined && !isTuple) return only;
    return close === undefined && items.length === 0 ? this.#stop() : new Tuple(items);
  }

  #ended(): boolean {
    this.#skip();
    return this.#at >= this.#text.length;
  }

  #value(): Py {
    this.#skip();
    const sign = this.#take('-') ? -1 : this.#take('+') ? 1 : undefined;
    if (sign !== undefined) return this.#signed(sign);
    if (this.#take('(')) return this.#inside(() => this.#several(')'));
    if (this.#take('[')) return this.#inside(() => this.#items(']', () => this.#value()));
    if (this.#take('{')) return this.#inside(() => this.#braces());
    return this.#atom();
  }

  #signed(sign: -1 | 1): Py {
    if (this.#take('(')) throw new TemplateError('a sign before brackets is not read here');
    this.#skip();
    const value = this.#number();
    if (typeof value !== 'bigint' && typeof value !== 'number') return this.#stop();
    return sign === 1 ? value : -value;
  }

  #inside<T>(read: () => T): T {
    if (++this.#depth > 90) throw new TemplateError('a literal is nested more than 90 levels deep');
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #items<T>(close: string, read: () => T): T[] {
    const items: T[] = [];
    while (!this.#take(close)) {
      items.push(read());
      if (!this.#take(',')) {
        if (this.#take(close)) break;
        this.#stop();
      }
    }
    return items;
  }

  /** A dict or a set. */
  #braces(): Py {
    if (this.#take('}')) return new Dict();
    const first = this.#value();
    if (this.#take(':')) {
      const pairs: [Py, Py][] = [[first, this.#value()]];
      if (!this.#take(',')) return this.#take('}') ? new Dict(pairs) : this.#stop();
      pairs.push(...this.#items('}', () => this.#pair()));
      return new Dict(pairs);
    }
    if (!this.#take(',')) return this.#take('}') ? new PySet([first]) : this.#stop();
    return new PySet([first, ...this.#items('}', () => this.#value())]);
  }

  #pair(): [Py, Py] {
    const key = this.#value();
    return this.#take(':') ? [key, this.#value()] : this.#stop();
  }

  #atom(): Py {
    if (this.#match(unsupported)) throw new TemplateError('bytes, ... and three quotes are not read as literals here');
    const texts: string[] = [];
    for (let match = this.#match(quoted); match; match = this.#match(quoted)) {
      const inside = (match[2] ?? '').slice(1, -1);
      texts.push(/[rR]/.test(match[1] ?? '') ? inside : unescape(inside));
      this.#skip();
    }
    if (texts.length > 0) return texts.join('');
    return this.#number() ?? this.#word();
  }

  #number(): Py | undefined {
    const digits = this.#match(number)?.[0];
    if (digits === undefined) return undefined;
    // `1 if x`, `1x` and `1.real` are no literals.
    if (/[\p{L}\p{N}_.]/u.test(this.#text.charAt(this.#at))) return this.#stop();
    if (/^[^xX]*[jJ]$/.test(digits)) throw new TemplateError('complex numbers are not read here');
    if (/^0[\d_]*[1-9]/.test(digits) && /^[\d_]+$/.test(digits)) return this.#stop();
    const plain = digits.replaceAll('_', '');
    if (plain.length > 4300) throw new TemplateError('a number may have 4300 digits');
    return /^(?:\d+|0[xob][\da-f]+)$/i.test(plain) ? BigInt(plain) : Number(plain);
  }

  #word(): Py {
    const name = this.#match(word)?.[0];
    if (name === 'set' && this.#take('(') && this.#take(')')) return new PySet();
    return name === 'True' ? true : name === 'False' ? false : name === 'None' ? null : this.#stop();
  }
}
