import { TemplateError } from './errors.ts';
import { attribute, item, slice } from './members.ts';
import { knownFilter, knownTest } from './offer.ts';
import { holds, operate, sign } from './operators.ts';
import { secretCheck } from './secrets.ts';
import type { Context, Operation } from './signature.ts';
import { checkLength, joinTexts, toText } from './text.ts';
import type { Arguments, Expression } from './syntax.ts';
import {
  asString,
  Callable,
  Dict,
  iterate,
  Marked,
  type Named,
  type Py,
  Range,
  truthy,
  Tuple,
  typeName,
  Undefined,
} from './values.ts';
import { weigh } from './work.ts';

/** Where names are looked up; null while it is found out whether an expression is constant. */
export interface Names {
  readonly read: (name: string) => Py;
}

export type Spend = Context['spend'];

/** Parsing takes about as long for one character as copying does for this many (3 µs). */
export const parseWork = 15;

/** Thrown, and caught again, where an expression depends on anything but itself. */
class NotConstant extends TemplateError {}

/** Evaluates the expressions of one template. */
export class Evaluator {
  readonly #names: Names | null;
  readonly #spend: Spend;
  readonly #context: Context;

  constructor(names: Names | null, spend: Spend) {
    this.#names = names;
    this.#spend = spend;
    this.#context = {
      spend,
      filter: (name, args, named) => this.filter(name, args, named),
      test: (name, args, named) => this.#test(name, args, named),
    };
  }

  /**
   * The value of an expression without names and calls, as Jinja finds it before a template is run: what is printed of it is
   * text, whatever its type (`{{ 5 }}` is the text "5"). undefined for every other expression.
   */
  static constant(expression: Expression, spend: Spend): Py | undefined {
    try {
      const value = new Evaluator(null, spend).evaluate(expression);
      return isPlain(value) ? value : undefined;
    } catch (error) {
      if (error instanceof TemplateError) return undefined;
      throw error;
    }
  }

  /** With other names. */
  within(names: Names): Evaluator {
    return new Evaluator(names, this.#spend);
  }

  evaluate(node: Expression): Py {
    const value = this.#evaluate(node);
    const made = node.type !== 'name' && node.type !== 'attribute' && node.type !== 'item' && node.type !== 'constant';
    this.#spend(made ? weigh(value) : 1);
    const text = asString(value);
    if (text !== undefined) checkLength(text.length);
    // dbt cannot even compile some templates with such a number.
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TemplateError('a number is too large, or none');
    return value;
  }

  #evaluate(node: Expression): Py {
    switch (node.type) {
      case 'constant':
        return node.value;
      case 'name':
        return this.#name(node.name);
      case 'list':
        return node.items.map((each) => this.evaluate(each));
      case 'tuple':
        return new Tuple(node.items.map((each) => this.evaluate(each)));
      case 'dict':
        return new Dict(node.pairs.map(([key, value]) => [this.evaluate(key), this.evaluate(value)] as const));
      case 'concatenation':
        return joinTexts(
          node.items.map((each) => toText(this.evaluate(each))),
          '',
        );
      case 'call':
        return this.#call(node.callee, node.args);
      case 'filter':
        return this.#filter(node.name, this.#operand(node.operand), node.args);
      case 'test':
        return this.#test(node.name, ...this.#arguments([this.evaluate(node.operand)], node.args));
      case 'attribute':
        return attribute(this.evaluate(node.object), node.name, this.#context);
      case 'item':
        return item(this.evaluate(node.object), this.evaluate(node.key), this.#context);
      case 'slice':
        return slice(
          this.evaluate(node.object),
          node.bounds.map((bound) => bound && this.evaluate(bound)),
        );
      case 'binary':
        return operate(node.operator, this.evaluate(node.left), this.evaluate(node.right));
      case 'sign':
        return sign(node.operator, this.evaluate(node.operand));
      default:
        return this.#choose(node);
    }
  }

  /** What may leave a part of itself unevaluated. */
  #choose(node: Extract<Expression, { type: 'and' | 'or' | 'not' | 'comparison' | 'conditional' }>): Py {
    switch (node.type) {
      case 'and': {
        const left = this.evaluate(node.left);
        return truthy(left) ? this.evaluate(node.right) : left;
      }
      case 'or': {
        const left = this.evaluate(node.left);
        return truthy(left) ? left : this.evaluate(node.right);
      }
      case 'not':
        return !truthy(this.evaluate(node.operand));
      case 'comparison':
        return this.#compare(node.first, node.rest);
      case 'conditional':
        if (truthy(this.evaluate(node.test))) return this.evaluate(node.then);
        if (node.otherwise) return this.evaluate(node.otherwise);
        if (!this.#names) throw new NotConstant('nothing');
        return new Undefined('the inline if needs an else, as its condition does not hold', true);
    }
  }

  #compare(first: Expression, rest: readonly (readonly [string, Expression])[]): boolean {
    let left = this.evaluate(first);
    return rest.every(([operator, expression]) => {
      const right = this.evaluate(expression);
      this.#spend(weigh(left) + weigh(right));
      const result = holds(operator, left, right);
      left = right;
      return result;
    });
  }

  #name(name: string): Py {
    if (!this.#names) throw new NotConstant('a name');
    return this.#names.read(name);
  }

  #operand(operand: Expression | null): Py {
    if (!operand) throw new TemplateError('a filter has nothing to work on');
    return this.evaluate(operand);
  }

  #call(callee: Expression, args: Arguments): Py {
    if (!this.#names) throw new NotConstant('a call');
    const called = this.evaluate(callee);
    if (called instanceof Undefined) throw new TemplateError(called.message);
    if (!(called instanceof Callable)) throw new TemplateError(`${typeName(called)} cannot be called`);
    const [positional, named] = this.#arguments([], args);
    return called.call(positional, named);
  }

  #filter(name: string, subject: Py, args: Arguments): Py {
    return this.filter(name, ...this.#arguments([subject], args));
  }

  /** Applies a filter to a block of a template, or the filters that stand before it. */
  filterBlock(node: Expression, text: string): Py {
    if (node.type !== 'filter') throw new TemplateError('a block needs a filter');
    return this.#filter(node.name, node.operand ? this.filterBlock(node.operand, text) : text, node.args);
  }

  filter(name: string, [subject = null, ...args]: readonly Py[], named: Named): Py {
    const work = knownFilter(name);
    // Jinja looks up the filter or test that these name when it runs.
    if (!this.#names && /^(?:map|select|reject)/.test(name)) throw new NotConstant('a filter with another');
    secretCheck(`| ${name}`, name, [subject, ...args, ...named.values()]);
    return this.#apply(work, subject, args, named);
  }

  #test(name: string, [subject = null, ...args]: readonly Py[], named: Named): boolean {
    return truthy(this.#apply(knownTest(name), subject, args, named));
  }

  #apply(work: Operation, subject: Py, args: readonly Py[], named: Named): Py {
    for (const value of [subject, ...args, ...named.values()]) this.#spend(weigh(value) * parseWork);
    return work.call(subject, args, named, this.#context);
  }

  #arguments(first: readonly Py[], args: Arguments): [Py[], Named] {
    const positional = [...first, ...args.positional.map((each) => this.evaluate(each))];
    const named = new Map(args.named.map(([name, value]) => [name, this.evaluate(value)] as const));
    if (args.spread) positional.push(...iterate(this.evaluate(args.spread)));
    if (args.namedSpread) addNamed(named, this.evaluate(args.namedSpread));
    for (const value of [...positional.slice(first.length), ...named.values()]) this.#spend(weigh(value) * parseWork);
    return [positional, named];
  }
}

function addNamed(named: Map<string, Py>, given: Py): void {
  if (!(given instanceof Dict)) throw new TemplateError('** needs a dict');
  for (const [key, value] of given.entries()) {
    const name = asString(key);
    if (name === undefined || named.has(name)) throw new TemplateError('** needs names that are not given already');
    named.set(name, value);
  }
}

/** What Jinja can write into the program that it makes of a template. */
function isPlain(value: Py): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (value instanceof Marked) return value.kind === 'html';
  if (Array.isArray(value)) return value.every(isPlain);
  if (value instanceof Tuple) return value.items.every(isPlain);
  if (value instanceof Dict) return value.entries().flat().every(isPlain);
  return value instanceof Range;
}
