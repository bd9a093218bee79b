import { Cursor } from './cursor.ts';
import { TemplateError, TemplateSyntaxError } from './errors.ts';
import { isConstant, parseExpression, parseFilter, parseTuple } from './expressions.ts';
import { type Token, tokenize } from './lexer.ts';
import type { Expression, Statement, Target } from './syntax.ts';

/** The statements of a template. Throws TemplateSyntaxError, or TemplateError for what Jinja has and a profile has not. */
export function parseTemplate(template: string): Statement[] {
  const cursor = new Cursor(tokenize(template));
  return parseBody(cursor, [], false);
}

/** Up to one of the words in `ends`, which is left to be read; to the end of the template where there is none. */
function parseBody(cursor: Cursor, ends: readonly string[], inLoop: boolean): Statement[] {
  const body: Statement[] = [];
  let parts: (string | Expression)[] = [];
  const flush = () => {
    if (parts.length > 0) body.push({ type: 'output', parts });
    parts = [];
  };
  while (cursor.current.type !== 'eof') {
    const token = cursor.next();
    if (token.type === 'data') parts.push(token.text);
    else if (token.type === 'open') parts.push(parseOutput(cursor));
    else {
      flush();
      if (cursor.isName(...ends)) return body;
      body.push(cursor.deeper(() => parseStatement(cursor, inLoop)));
      cursor.expect('end', '%}');
    }
  }
  if (ends.length > 0) throw new TemplateSyntaxError(`it ends before {% ${ends.join(' %} or {% ')} %}`);
  flush();
  return body;
}

function parseOutput(cursor: Cursor): Expression {
  const expression = parseTuple(cursor);
  cursor.expect('close', '}}');
  return expression;
}

function parseStatement(cursor: Cursor, inLoop: boolean): Statement {
  const word = cursor.expect('name', 'the name of a statement').text;
  switch (word) {
    case 'if':
      return parseIf(cursor, inLoop);
    case 'for':
      return parseFor(cursor, inLoop);
    case 'set':
      return parseSet(cursor, inLoop);
    case 'with':
      return parseWith(cursor, inLoop);
    case 'filter':
      return { type: 'filter block', filter: parseFilters(cursor), body: parseBlock(cursor, 'endfilter', inLoop) };
    case 'print':
      return { type: 'output', parts: parsePrinted(cursor) };
    case 'do':
      return { type: 'do', expression: parseTuple(cursor) };
    case 'break':
    case 'continue':
      if (inLoop) return { type: word };
      throw new TemplateSyntaxError(`{% ${word} %} stands outside of a loop`);
    default:
      return refuse(word);
  }
}

const others = /^(?:macro|call|block|extends|include|import|from|autoescape|materialization|docs|test)$/;

function refuse(word: string): never {
  if (others.test(word)) throw new TemplateError(`the statement {% ${word} %} cannot be used in a profile`);
  throw new TemplateSyntaxError(`there is no statement {% ${word} %}`);
}

/** The body after the `%}` of a statement, and the word that ends it. */
function parseSection(cursor: Cursor, ends: readonly string[], inLoop: boolean): [Statement[], Token] {
  cursor.skipOperator(':');
  cursor.expect('end', '%}');
  const body = parseBody(cursor, ends, inLoop);
  return [body, cursor.next()];
}

function parseBlock(cursor: Cursor, end: string, inLoop: boolean): Statement[] {
  return parseSection(cursor, [end], inLoop)[0];
}

function parseIf(cursor: Cursor, inLoop: boolean): Statement {
  const branches: [Expression, Statement[]][] = [];
  for (;;) {
    const test = parseTuple(cursor, { conditional: false });
    const [body, end] = parseSection(cursor, ['elif', 'else', 'endif'], inLoop);
    branches.push([test, body]);
    if (end.text === 'elif') continue;
    const otherwise = end.text === 'else' ? parseBlock(cursor, 'endif', inLoop) : [];
    return { type: 'if', branches, otherwise };
  }
}

function parseFor(cursor: Cursor, inLoop: boolean): Statement {
  const target = parseTarget(cursor, { ends: ['in'] });
  if (!cursor.skipName('in')) cursor.fail("'in'");
  const iterable = parseTuple(cursor, { conditional: false, ends: ['recursive'] });
  const condition = cursor.skipName('if') ? parseExpression(cursor) : null;
  if (cursor.isName('recursive')) throw new TemplateError('a recursive loop cannot be used in a profile');
  const [body, end] = parseSection(cursor, ['endfor', 'else'], true);
  const otherwise = end.text === 'else' ? parseBlock(cursor, 'endfor', inLoop) : [];
  return { type: 'for', target, iterable, condition, body, otherwise };
}

function parseSet(cursor: Cursor, inLoop: boolean): Statement {
  const target = parseTarget(cursor, { members: true });
  if (cursor.skipOperator('=')) return { type: 'set', target, value: parseTuple(cursor) };
  const filter = cursor.skipOperator('|') ? parseFilters(cursor) : null;
  return { type: 'set block', target, filter, body: parseBlock(cursor, 'endset', inLoop) };
}

/** `upper | trim`, on what stands in the block. */
function parseFilters(cursor: Cursor): Expression {
  let filter = parseFilter(cursor, null);
  while (cursor.skipOperator('|')) filter = parseFilter(cursor, filter);
  return filter;
}

function parseWith(cursor: Cursor, inLoop: boolean): Statement {
  const pairs: [Target, Expression][] = [];
  while (cursor.current.type !== 'end') {
    if (pairs.length > 0) cursor.expectOperator(',');
    const target = parseOneTarget(cursor, {});
    cursor.expectOperator('=');
    pairs.push([target, parseExpression(cursor)]);
  }
  return { type: 'with', pairs, body: parseBlock(cursor, 'endwith', inLoop) };
}

function parsePrinted(cursor: Cursor): Expression[] {
  const parts: Expression[] = [];
  while (cursor.current.type !== 'end') {
    if (parts.length > 0) cursor.expectOperator(',');
    parts.push(parseExpression(cursor));
  }
  return parts;
}

interface TargetOptions {
  /** Names that end it. */
  readonly ends?: string[];
  /** Whether a member of a namespace may be one. */
  readonly members?: boolean;
}

/** A name, or several; a tuple in brackets may be one of them. */
function parseTarget(cursor: Cursor, options: TargetOptions): Target {
  const items: Target[] = [];
  let isTuple = false;
  while (!(cursor.current.type === 'end' || cursor.isOperator(')') || cursor.isName(...(options.ends ?? [])))) {
    items.push(parseOneTarget(cursor, options));
    if (!cursor.skipOperator(',')) break;
    isTuple = true;
  }
  const [only] = items;
  if (!isTuple && only) return only;
  return isTuple ? { type: 'tuple', items } : cursor.fail('a name');
}

function parseOneTarget(cursor: Cursor, options: TargetOptions): Target {
  if (cursor.skipOperator('(')) {
    const inside = parseTarget(cursor, options);
    cursor.expectOperator(')');
    return inside;
  }
  const { text } = cursor.expect('name', 'a name');
  if (isConstant(text) || reserved.has(text)) throw new TemplateSyntaxError(`nothing can be assigned to ${text}`);
  if (!options.members || !cursor.skipOperator('.')) return { type: 'name', name: text };
  return { type: 'member', object: text, name: cursor.expect('name', 'a name').text };
}

/** Jinja gives these a meaning of its own. */
const reserved = new Set(['loop', 'self', 'super', 'caller', 'varargs', 'kwargs']);
