import type { Cursor } from './cursor.ts';
import { TemplateError, TemplateSyntaxError } from './errors.ts';
import { knownFilter, knownTest } from './offer.ts';
import type { Arguments, Expression } from './syntax.ts';

/** Parses expressions, each level of precedence in a function of its own, as Jinja's own parser has them. */

const constants: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

export function isConstant(name: string): boolean {
  return constants.has(name);
}

/** `conditional` is false where an `if` ends the expression. */
export function parseExpression(cursor: Cursor, conditional = true): Expression {
  return cursor.deeper(() => (conditional ? parseConditional(cursor) : parseOr(cursor)));
}

function parseConditional(cursor: Cursor): Expression {
  let expression = parseOr(cursor);
  while (cursor.skipName('if')) {
    const test = parseOr(cursor);
    const otherwise = cursor.skipName('else') ? cursor.deeper(() => parseConditional(cursor)) : null;
    expression = { type: 'conditional', test, then: expression, otherwise };
  }
  return expression;
}

function parseOr(cursor: Cursor): Expression {
  let left = parseAnd(cursor);
  while (cursor.skipName('or')) left = { type: 'or', left, right: parseAnd(cursor) };
  return left;
}

function parseAnd(cursor: Cursor): Expression {
  let left = parseNot(cursor);
  while (cursor.skipName('and')) left = { type: 'and', left, right: parseNot(cursor) };
  return left;
}

function parseNot(cursor: Cursor): Expression {
  if (!cursor.skipName('not')) return parseComparison(cursor);
  return { type: 'not', operand: cursor.deeper(() => parseNot(cursor)) };
}

function parseComparison(cursor: Cursor): Expression {
  const first = parseSum(cursor);
  const rest: [string, Expression][] = [];
  for (let operator = comparison(cursor); operator !== undefined; operator = comparison(cursor))
    rest.push([operator, parseSum(cursor)]);
  return rest.length === 0 ? first : { type: 'comparison', first, rest };
}

function comparison(cursor: Cursor): string | undefined {
  if (cursor.isOperator('==', '!=', '<', '<=', '>', '>=')) return cursor.next().text;
  if (cursor.skipName('in')) return 'in';
  const isNotIn = cursor.isName('not') && cursor.following.type === 'name' && cursor.following.text === 'in';
  if (!isNotIn) return undefined;
  cursor.next();
  cursor.next();
  return 'not in';
}

const parseSum = leftToRight(['+', '-'], parseConcatenation);

function parseConcatenation(cursor: Cursor): Expression {
  const items = [parseProduct(cursor)];
  while (cursor.skipOperator('~')) items.push(parseProduct(cursor));
  const [only] = items;
  return items.length === 1 && only ? only : { type: 'concatenation', items };
}

function parseProduct(cursor: Cursor): Expression {
  return leftToRight(['*', '/', '//', '%'], parsePower)(cursor);
}

/** From left to right too, unlike in Python. */
function parsePower(cursor: Cursor): Expression {
  return leftToRight(['**'], parseSigned)(cursor);
}

function leftToRight(operators: readonly string[], operand: (cursor: Cursor) => Expression) {
  return (cursor: Cursor): Expression => {
    let left = operand(cursor);
    while (cursor.isOperator(...operators))
      left = { type: 'binary', operator: cursor.next().text, left, right: operand(cursor) };
    return left;
  };
}

/** A sign binds less than what follows a value and more than a filter: `-1 | abs` is 1. */
function parseSigned(cursor: Cursor, filtered = true): Expression {
  const operator = cursor.isOperator('+', '-') ? (cursor.next().text as '+' | '-') : undefined;
  const operand = operator ? cursor.deeper(() => parseSigned(cursor, false)) : parsePrimary(cursor);
  const signed: Expression = operator ? { type: 'sign', operator, operand } : operand;
  const complete = parsePostfix(cursor, signed);
  return filtered ? parseFilters(cursor, complete) : complete;
}

function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.current;
  if (token.type === 'name') return nameOrConstant(cursor.next().text);
  if (token.type === 'string') return parseString(cursor);
  if (token.type === 'number') return { type: 'constant', value: cursor.next().value ?? null };
  if (cursor.skipOperator('(')) {
    const inside = parseTuple(cursor, { empty: true });
    cursor.expectOperator(')');
    return inside;
  }
  if (cursor.skipOperator('[')) return { type: 'list', items: parseItems(cursor, ']', () => parseExpression(cursor)) };
  if (cursor.skipOperator('{')) return { type: 'dict', pairs: parseItems(cursor, '}', () => parsePair(cursor)) };
  return cursor.fail('a value');
}

function nameOrConstant(name: string): Expression {
  const value = constants.get(name);
  return value === undefined ? { type: 'name', name } : { type: 'constant', value };
}

/** Texts beside each other are one. */
function parseString(cursor: Cursor): Expression {
  let value = '';
  while (cursor.current.type === 'string') value += String(cursor.next().value);
  return { type: 'constant', value };
}

function parseItems<T>(cursor: Cursor, close: string, parse: () => T): T[] {
  const items: T[] = [];
  while (!cursor.skipOperator(close)) {
    if (items.length > 0) {
      cursor.expectOperator(',');
      if (cursor.skipOperator(close)) break;
    }
    items.push(parse());
  }
  return items;
}

function parsePair(cursor: Cursor): readonly [Expression, Expression] {
  const key = parseExpression(cursor);
  cursor.expectOperator(':');
  return [key, parseExpression(cursor)];
}

/** One expression, or a tuple of several; `ends` are names that end it. */
export function parseTuple(
  cursor: Cursor,
  { empty = false, conditional = true, ends = [] }: { empty?: boolean; conditional?: boolean; ends?: string[] } = {},
): Expression {
  const items: Expression[] = [];
  let isTuple = false;
  while (!(cursor.current.type === 'close' || cursor.current.type === 'end' || cursor.isOperator(')'))) {
    if (cursor.isName(...ends)) break;
    items.push(parseExpression(cursor, conditional));
    if (!cursor.skipOperator(',')) break;
    isTuple = true;
  }
  const [only] = items;
  if (!isTuple && only) return only;
  return isTuple || empty ? { type: 'tuple', items } : cursor.fail('an expression');
}

function parsePostfix(cursor: Cursor, expression: Expression): Expression {
  let result = expression;
  while (cursor.isOperator('.', '[', '(')) {
    if (cursor.isOperator('(')) result = { type: 'call', callee: result, args: parseArguments(cursor) };
    else result = cursor.next().text === '.' ? parseAttribute(cursor, result) : parseSubscript(cursor, result);
  }
  return result;
}

function parseAttribute(cursor: Cursor, object: Expression): Expression {
  if (cursor.current.type === 'name') return { type: 'attribute', object, name: cursor.next().text };
  if (cursor.current.type !== 'number' || typeof cursor.current.value !== 'bigint') return cursor.fail('a name');
  return { type: 'item', object, key: { type: 'constant', value: cursor.next().value ?? null } };
}

function parseSubscript(cursor: Cursor, object: Expression): Expression {
  const bounds: (Expression | null)[] = [];
  do bounds.push(cursor.isOperator(':', ']', ',') ? null : parseExpression(cursor));
  while (bounds.length < 3 && cursor.skipOperator(':'));
  if (cursor.isOperator(',')) throw new TemplateError('[ , ] with several keys is not offered in a profile');
  cursor.expectOperator(']');
  if (bounds.length > 1) return { type: 'slice', object, bounds };
  // Python takes `[]` for an empty tuple, which is no key of anything.
  return bounds[0] ? { type: 'item', object, key: bounds[0] } : cursor.fail('a key');
}

function parseFilters(cursor: Cursor, expression: Expression): Expression {
  let result = expression;
  for (;;) {
    if (cursor.skipOperator('|')) result = parseFilter(cursor, result);
    else if (cursor.skipName('is')) result = parseTest(cursor, result);
    else if (cursor.isOperator('(')) result = { type: 'call', callee: result, args: parseArguments(cursor) };
    else return result;
  }
}

/** The name of a filter and what is given to it. */
export function parseFilter(cursor: Cursor, operand: Expression | null): Expression {
  const name = parseDottedName(cursor);
  knownFilter(name);
  return { type: 'filter', operand, name, args: cursor.isOperator('(') ? parseArguments(cursor) : noArguments };
}

function parseDottedName(cursor: Cursor): string {
  let name = cursor.expect('name', 'a name').text;
  while (cursor.skipOperator('.')) name += `.${cursor.expect('name', 'a name').text}`;
  return name;
}

function parseTest(cursor: Cursor, operand: Expression): Expression {
  const negated = cursor.skipName('not');
  const name = parseDottedName(cursor);
  knownTest(name);
  const test: Expression = { type: 'test', operand, name, args: parseTestArguments(cursor) };
  return negated ? { type: 'not', operand: test } : test;
}

/** A test takes one argument without brackets: `is divisibleby 3`. */
function parseTestArguments(cursor: Cursor): Arguments {
  if (cursor.isOperator('(')) return parseArguments(cursor);
  const { type } = cursor.current;
  const starts = type === 'name' || type === 'string' || type === 'number' || cursor.isOperator('[', '{');
  if (!starts || cursor.isName('else', 'or', 'and')) return noArguments;
  if (cursor.isName('is')) throw new TemplateSyntaxError('several tests with is cannot follow each other');
  return { ...noArguments, positional: [parsePostfix(cursor, parsePrimary(cursor))] };
}

const noArguments: Arguments = { positional: [], named: [], spread: null, namedSpread: null };

function parseArguments(cursor: Cursor): Arguments {
  cursor.expectOperator('(');
  const positional: Expression[] = [];
  const named = new Map<string, Expression>();
  const stars = new Map<'*' | '**', Expression>();
  parseItems(cursor, ')', () => {
    if (stars.has('**') || (stars.has('*') && cursor.isOperator('*'))) cursor.fail("')'");
    if (cursor.skipOperator('*')) stars.set('*', parseExpression(cursor));
    else if (cursor.skipOperator('**')) stars.set('**', parseExpression(cursor));
    else if (cursor.current.type === 'name' && cursor.following.type === 'operator' && cursor.following.text === '=') {
      const name = cursor.next().text;
      cursor.next();
      if (named.has(name)) throw new TemplateSyntaxError(`the argument ${name} is given twice`);
      named.set(name, parseExpression(cursor));
    } else {
      if (stars.has('*') || named.size > 0) cursor.fail('an argument with a name');
      positional.push(parseExpression(cursor));
    }
  });
  return { positional, named: [...named], spread: stars.get('*') ?? null, namedSpread: stars.get('**') ?? null };
}
