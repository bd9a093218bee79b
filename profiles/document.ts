import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { type CST, Composer, type Document as YamlDocument, Lexer, LineCounter, Parser, type YAMLError } from 'yaml';
import { ConfigurationError } from '../memory/errors.ts';
import { redact } from './redact.ts';
import { type Environment, member, type Path, pathText, type Value } from './value.ts';
import { YamlTree, YamlTreeError } from './yaml-tree.ts';

/** A profile of 5,000 lines is smaller. */
const maxBytes = 256 * 1024;

/** A line of a profile has about seven lexemes. What has this many takes the parser half a second, whatever it is. */
const maxLexemes = 100_000;

/** The parser is recursive, and too deep a nesting ends the process, not just the call. */
const maxDepth = 100;

/** A YAML file and where in it each value stands. */
export class Document {
  readonly file: string;
  readonly value: Value;
  readonly warnings: readonly string[];
  readonly #env: Environment;
  readonly #tree: YamlTree;
  readonly #lines: LineCounter;

  private constructor(file: string, env: Environment, tree: YamlTree, value: Value, lines: LineCounter) {
    this.file = file;
    this.value = value;
    this.#env = env;
    this.#tree = tree;
    this.#lines = lines;
    this.warnings = tree.duplicates
      .slice(0, 20)
      .map(({ key, offset }) =>
        redact(`${this.#at(offset)}: the key "${key}" stands here twice; the last one counts`, env),
      );
  }

  /** Reads `file` as YAML 1.1. Throws ConfigurationError with line and column when it cannot be read. */
  static read(file: string, env: Environment): Document {
    return Document.parse(readText(file), file, env);
  }

  /** The same for a text that came from elsewhere; `file` is what errors call it. */
  static parse(text: string, file: string, env: Environment): Document {
    const lines = new LineCounter();
    const fail = (offset: number, problem: string): ConfigurationError =>
      new ConfigurationError(redact(yamlMessage(file, lines, text, offset, problem), env));
    const yaml = compose(text, lines, fail);
    const tree = new YamlTree();
    try {
      return new Document(file, env, tree, tree.read(yaml?.contents), lines);
    } catch (error) {
      throw error instanceof YamlTreeError ? fail(error.offset, error.message) : error;
    }
  }

  /** What to throw about the value at `path` (or the nearest one around it): `file:line:column: path problem`. */
  fault(path: Path, problem: string): ConfigurationError {
    return new ConfigurationError(this.sentence(path, problem));
  }

  /** `file:line:column: path problem`, redacted; also the form of a warning. */
  sentence(path: Path, problem: string): string {
    const subject = path.length > 0 ? `${pathText(path)} ` : '';
    return redact(`${this.#at(this.#offset(path))}: ${subject}${problem}`, this.#env);
  }

  #at(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return line > 0 ? `${this.file}:${line}:${col}` : this.file;
  }

  #offset(path: Path): number {
    let [value, offset]: [Value | undefined, number] = [this.value, 0];
    for (const part of path) {
      offset = this.#tree.offset(value, part) ?? offset;
      value = Array.isArray(value) ? (value as readonly Value[])[Number(part)] : member(value, String(part));
    }
    return offset;
  }
}

function readText(file: string): string {
  const bytes = readBytes(file);
  if (bytes.length > maxBytes) {
    throw new ConfigurationError(
      `${file} has ${bytes.length} bytes, a profile may have at most ${maxBytes}. Is it the right file?`,
    );
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new ConfigurationError(`${file} is not text in UTF-8. Save it in that encoding; is it the right file?`);
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new ConfigurationError(
      `${file} cannot be read (${(error as Error).message}). Check that it is a readable file.`,
    );
  }
}

type Fail = (offset: number, problem: string) => ConfigurationError;

/** Text to YAML nodes; undefined for an empty file. Scalars stay text, because PyYAML's rules differ from the library's. */
function compose(text: string, lines: LineCounter, fail: Fail): YamlDocument.Parsed | undefined {
  const tokens = [...parseTokens(text, lines, fail)];
  const options = { version: '1.1', schema: 'failsafe', uniqueKeys: false, prettyErrors: false } as const;
  const [first, second] = [...new Composer(options).compose(tokens)];
  const error: YAMLError | undefined = first?.errors[0];
  if (error) throw fail(error.pos[0], error.message);
  if (second) throw fail(second.range[0], 'it has a second document; keep only one, without "---" between');
  return first;
}

/** The library's own `parse`, but it stops at the first error, and where the nesting gets too deep. */
function* parseTokens(text: string, lines: LineCounter, fail: Fail): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > maxLexemes) throw fail(parser.offset, `it has more than ${maxLexemes} words and signs`);
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') throw fail(token.offset, token.message);
      yield token;
    }
    if (parser.stack.length > maxDepth) throw fail(parser.offset, `it is nested more than ${maxDepth} levels deep`);
  }
  yield* parser.end();
}

function yamlMessage(file: string, lines: LineCounter, text: string, offset: number, problem: string): string {
  const { line, col } = lines.linePos(offset);
  const source = text.split('\n')[line - 1] ?? '';
  const hint = hints.find(([pattern]) => pattern.test(source))?.[1] ?? '';
  return `${file}:${line}:${col}: not valid YAML, line ${line}, column ${col}: ${problem}.${hint && ` ${hint}`}`;
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/:\s+:memory:/, 'Put it in quotes: path: ":memory:"'],
  [/[:[,]\s*\{\{/, 'Put the whole value in quotes: "{{ ... }}"'],
  [/^\s*\t/, 'Indent with spaces, not tabs.'],
];
