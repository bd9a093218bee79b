import * as jinja from '@huggingface/jinja';
import { operators, readNumber, toText, truthy } from './python.ts';
import { isMapping, member, type Value } from './value.ts';

/**
 * Jinja templates, parsed by the library and evaluated here against an allow-list: no member of a JavaScript object is ever
 * looked up, so a template can reach only what `Scope` offers. Nothing outside this file knows the library; its syntax tree is
 * not a documented contract, which is why the tests of this file cover each kind of node.
 */

/** Thrown when a template cannot be evaluated. */
export class TemplateError extends Error {}

/** Thrown when a template asks for a variable that is not there; the message says which, and what to do. */
export class MissingVariableError extends TemplateError {}

/** Thrown when a template cannot even be parsed. */
export class TemplateSyntaxError extends TemplateError {}

export type Named = ReadonlyMap<string, Value>;

/** A function, filter or method: positional arguments (a filter's or method's subject first), then those given by name. */
export type Operation = (args: readonly Value[], named: Named) => Value;

/** What a template may use, and how much. */
export interface Scope {
  /** Called before work is done, with about the number of characters that it reads or makes; throws when it is enough. */
  readonly spend: (work: number) => void;
  readonly functions: ReadonlyMap<string, Operation>;
  readonly filters: ReadonlyMap<string, Operation>;
  readonly methods: ReadonlyMap<string, Operation>;
}

/** Long enough for a certificate as a default. */
const maxTemplate = 10_000;
const maxText = 1_000_000;

/** Parsing takes about as long for one character as copying does for this many (3 µs). */
const parseWork = 15;

/** The library's nodes as far as they are understood here; every other kind is refused by name. */
type Node =
  | { type: 'Comment' }
  | { type: 'IntegerLiteral' | 'FloatLiteral'; value: number }
  | { type: 'StringLiteral' | 'Identifier'; value: string }
  | { type: 'ArrayLiteral' | 'TupleLiteral'; value: Node[] }
  | { type: 'ObjectLiteral'; value: Map<Node, Node> }
  | { type: 'CallExpression'; callee: Node; args: Node[] }
  | { type: 'KeywordArgumentExpression'; key: { value: string }; value: Node }
  | { type: 'FilterExpression'; operand: Node; filter: Node }
  | { type: 'MemberExpression'; object: Node; property: Node; computed: boolean }
  | { type: 'BinaryExpression'; operator: { value: string }; left: Node; right: Node }
  | { type: 'UnaryExpression'; operator: { value: string }; argument: Node }
  | { type: 'TestExpression'; operand: Node; negate: boolean; test: { value: string } }
  | { type: 'Ternary'; condition: Node; trueExpr: Node; falseExpr: Node }
  | { type: 'SelectExpression'; lhs: Node; test: Node };

/** The library's declarations import each other without extension, which this project's module resolution cannot follow. */
const { parse, tokenize } = jinja as unknown as {
  readonly tokenize: (template: string) => unknown;
  readonly parse: (tokens: unknown) => { readonly body: Node[] };
};

const constants: Named = new Map<string, Value>([
  ...(['true', 'True'] as const).map((name) => [name, true] as const),
  ...(['false', 'False'] as const).map((name) => [name, false] as const),
  ...(['none', 'None'] as const).map((name) => [name, null] as const),
]);

/**
 * Evaluates a template as dbt does: a template that is exactly one expression keeps that expression's type, anything else
 * becomes text. Throws TemplateError.
 */
export function evaluateTemplate(template: string, scope: Scope): Value {
  scope.spend(template.length * parseWork);
  const parts = parseTemplate(template).filter((part) => part.type !== 'Comment');
  const values = parts.map((part) => evaluate(part, scope));
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : bounded(values.map(toText).join(''));
}

/** A Python literal (`4`, `True`, `['a', 'b']`), or undefined when the text is none. */
export function pythonLiteral(text: string): Value | undefined {
  const trimmed = text.trim();
  if (/^[-+]?[\d.]/.test(trimmed)) return readNumber(trimmed);
  try {
    const [node, second] = parseTemplate(`{{ ${trimmed} }}`);
    return node && !second ? literal(node) : undefined;
  } catch {
    return undefined;
  }
}

function parseTemplate(template: string): Node[] {
  if (template.length > maxTemplate) throw new TemplateSyntaxError(`a template may have ${maxTemplate} characters`);
  try {
    return parse(tokenize(template)).body;
  } catch (error) {
    // Besides its own errors the library runs into TypeErrors at an unexpected end, and out of stack when nested deeply.
    const reason = error instanceof SyntaxError ? error.message : 'it ends too early or nests too deeply';
    // Without the colon: what follows "token:" is masked as a secret.
    throw new TemplateSyntaxError(`it is not a valid template (${reason.replaceAll(': ', ' ')})`);
  }
}

function literal(node: Node): Value {
  switch (node.type) {
    case 'IntegerLiteral':
    case 'FloatLiteral':
    case 'StringLiteral':
      return node.value;
    case 'ArrayLiteral':
    case 'TupleLiteral':
      return node.value.map(literal);
    case 'ObjectLiteral':
      return Object.fromEntries([...node.value].map(([key, value]) => [toText(literal(key)), literal(value)]));
    case 'Identifier':
      // Python knows only these three; `true` is not a literal there.
      if (/^(?:True|False|None)$/.test(node.value)) return constants.get(node.value) ?? null;
      throw new TemplateError('not a literal');
    default:
      throw new TemplateError('not a literal');
  }
}

function evaluate(node: Node, scope: Scope): Value {
  const value = evaluateNode(node, (child) => evaluate(child, scope), scope);
  scope.spend(weigh(value));
  return typeof value === 'string' ? bounded(value) : value;
}

type Evaluate = (node: Node) => Value;

function evaluateNode(node: Node, run: Evaluate, scope: Scope): Value {
  switch (node.type) {
    case 'IntegerLiteral':
    case 'FloatLiteral':
    case 'StringLiteral':
      return node.value;
    case 'Identifier':
      return identifier(node.value, scope);
    case 'ArrayLiteral':
    case 'TupleLiteral':
      return node.value.map(run);
    case 'ObjectLiteral':
      return Object.fromEntries([...node.value].map(([key, value]) => [toText(run(key)), run(value)]));
    case 'CallExpression':
      return call(node.callee, node.args, run, scope);
    case 'FilterExpression':
      return filter(node.operand, node.filter, run, scope);
    case 'MemberExpression':
      return item(run(node.object), node.property, node.computed, run);
    case 'BinaryExpression':
      return binary(node.operator.value, node.left, node.right, run);
    case 'UnaryExpression':
      return unary(node.operator.value, run(node.argument));
    case 'TestExpression':
      return test(run(node.operand), node.test.value) !== node.negate;
    case 'Ternary':
      return run(truthy(run(node.condition)) ? node.trueExpr : node.falseExpr);
    case 'SelectExpression':
      if (truthy(run(node.test))) return run(node.lhs);
      throw new TemplateError('the inline if needs an else');
    default:
      throw new TemplateError(`${describe(node.type)} cannot be used in a profile`);
  }
}

function describe(type: string): string {
  return /^(?:If|For|Set|Macro|Filter|Call|Break|Continue)(?:Statement)?$/.test(type)
    ? 'a statement ({% ... %})'
    : type;
}

function identifier(name: string, scope: Scope): Value {
  const constant = constants.get(name);
  if (constant !== undefined) return constant;
  const offered = [...scope.functions.keys()].join(', ');
  throw new TemplateError(`'${name}' is not defined; a profile can use ${offered}. Text needs quotes`);
}

function call(callee: Node, args: Node[], run: Evaluate, scope: Scope): Value {
  if (callee.type === 'Identifier')
    return apply(operation('function', callee.value, scope.functions), given([], args, run), scope);
  if (callee.type === 'MemberExpression' && !callee.computed && callee.property.type === 'Identifier') {
    const method = operation('method', callee.property.value, scope.methods);
    return apply(method, given([run(callee.object)], args, run), scope);
  }
  throw new TemplateError('only functions and methods that are named can be called');
}

function filter(operand: Node, node: Node, run: Evaluate, scope: Scope): Value {
  const [name, args] = node.type === 'CallExpression' ? [node.callee, node.args] : [node, []];
  if (name.type !== 'Identifier') throw new TemplateError('a filter needs a name');
  return apply(operation('filter', name.value, scope.filters), given([run(operand)], args, run), scope);
}

/** Some operations parse what they are given. */
function apply(operate: Operation, [args, named]: [Value[], Named], scope: Scope): Value {
  for (const value of args) scope.spend(weigh(value) * parseWork);
  return operate(args, named);
}

function operation(kind: string, name: string, known: ReadonlyMap<string, Operation>): Operation {
  const found = known.get(name);
  if (found) return found;
  throw new TemplateError(`there is no ${kind} '${name}' in a profile; there are ${[...known.keys()].join(', ')}`);
}

function given(first: readonly Value[], args: Node[], run: Evaluate): [Value[], Named] {
  const named = new Map<string, Value>();
  const values = [...first];
  for (const arg of args) {
    if (arg.type === 'KeywordArgumentExpression') named.set(arg.key.value, run(arg.value));
    else values.push(run(arg));
  }
  return [values, named];
}

function item(subject: Value, property: Node, computed: boolean, run: Evaluate): Value {
  const key = !computed && property.type === 'Identifier' ? property.value : run(property);
  const found = isMapping(subject) ? member(subject, toText(key)) : element(subject, key);
  if (found === undefined) throw new TemplateError(`it has no member ${toText(key)}`);
  return found;
}

function element(subject: Value, key: Value): Value | undefined {
  if (typeof key !== 'number') return undefined;
  return typeof subject === 'string' || Array.isArray(subject) ? (subject.at(key) as Value | undefined) : undefined;
}

function binary(operator: string, left: Node, right: Node, run: Evaluate): Value {
  const first = run(left);
  if (operator === 'or') return truthy(first) ? first : run(right);
  if (operator === 'and') return truthy(first) ? run(right) : first;
  const compute = operators.get(operator);
  const value = compute?.(first, run(right));
  if (value !== undefined) return value;
  throw new TemplateError(
    compute
      ? `'${operator}' does not fit these values; ~ joins texts, | int makes a number`
      : `there is no operator '${operator}'`,
  );
}

function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !truthy(value);
  if (typeof value !== 'number') throw new TemplateError(`'${operator}' needs a number; | int makes one of a text`);
  return operator === '-' ? -value : value;
}

function test(value: Value, name: string): boolean {
  if (name === 'none') return value === null;
  if (name === 'defined') return true;
  throw new TemplateError(`there is no test 'is ${name}' in a profile; there are none, defined`);
}

/** The characters of a value once it is text, counted no further than a template may go anyway. */
function weigh(value: Value, limit = maxText): number {
  if (typeof value === 'string') return value.length + 1;
  if (typeof value !== 'object' || value === null) return 1;
  let weight = 1;
  for (const item of isMapping(value) ? Object.entries(value).flat() : value) {
    weight += weigh(item, limit - weight);
    if (weight > limit) break;
  }
  return weight;
}

function bounded(text: string): string {
  if (text.length > maxText) throw new TemplateError(`a value may have ${maxText} characters`);
  return text;
}
