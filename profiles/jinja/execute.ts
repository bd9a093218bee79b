import { TemplateError } from './errors.ts';
import { Evaluator, type Names } from './evaluate.ts';
import { Loop } from './loop.ts';
import type { ForStatement, Statement, Target } from './syntax.ts';
import { joinTexts, toText } from './text.ts';
import { asString, iterate, Members, type Py, Stream, truthy } from './values.ts';
import type { Spend } from './evaluate.ts';

/** Names that a template has set, inside those around it. */
class Scope implements Names {
  readonly #outer: Names;
  readonly #own = new Map<string, Py>();
  constructor(outer: Names) {
    this.#outer = outer;
  }

  read(name: string): Py {
    const own = this.#own.get(name);
    return own === undefined ? this.#outer.read(name) : own;
  }

  set(name: string, value: Py): void {
    this.#own.set(name, value);
  }
}

type Ending = 'break' | 'continue' | undefined;
type Output = Generator<Py, Ending>;

/** Runs the statements of a template, and gives what they put out, piece by piece. */
export class Execution {
  readonly #evaluator: Evaluator;
  readonly #scope: Scope;
  readonly #spend: Spend;

  constructor(names: Names, spend: Spend) {
    this.#scope = new Scope(names);
    this.#spend = spend;
    this.#evaluator = new Evaluator(this.#scope, spend);
  }

  *run(body: readonly Statement[]): Output {
    for (const statement of body) {
      this.#spend(1);
      const ending = yield* this.#statement(statement);
      if (ending) return ending;
    }
    return undefined;
  }

  *#statement(statement: Statement): Output {
    switch (statement.type) {
      case 'output':
        yield* this.#output(statement.parts);
        return undefined;
      case 'set':
        this.#assign(statement.target, this.#evaluator.evaluate(statement.value));
        return undefined;
      case 'set block': {
        const [text, ending] = this.#capture(statement.body);
        if (ending) return ending;
        const { filter } = statement;
        this.#assign(statement.target, filter ? this.#evaluator.filterBlock(filter, text) : text);
        return undefined;
      }
      case 'if':
        return yield* this.run(this.#branch(statement));
      case 'for':
        return yield* this.#loop(statement);
      case 'with': {
        const inner = this.#inner();
        for (const [target, value] of statement.pairs) inner.#assign(target, this.#evaluator.evaluate(value));
        return yield* inner.run(statement.body);
      }
      case 'filter block': {
        const [text, ending] = this.#capture(statement.body);
        if (ending) return ending;
        yield this.#evaluator.filterBlock(statement.filter, text);
        return undefined;
      }
      case 'do':
        this.#evaluator.evaluate(statement.expression);
        return undefined;
      case 'break':
      case 'continue':
        return statement.type;
    }
  }

  /** Text and constants that stand beside each other are one piece, and text. */
  *#output(parts: readonly (string | Parameters<Evaluator['evaluate']>[0])[]): Generator<Py, void> {
    let constant: string[] = [];
    for (const part of parts) {
      const value = typeof part === 'string' ? part : Evaluator.constant(part, this.#spend);
      if (value !== undefined) constant.push(toText(value));
      else if (typeof part !== 'string') {
        if (constant.length > 0) yield joinTexts(constant, '');
        constant = [];
        yield this.#evaluator.evaluate(part);
      }
    }
    if (constant.length > 0) yield joinTexts(constant, '');
  }

  #inner(): Execution {
    return new Execution(this.#scope, this.#spend);
  }

  /** The text of a block. dbt joins only texts there. */
  #capture(body: readonly Statement[]): [string, Ending] {
    const output = this.#inner().run(body);
    const texts: string[] = [];
    for (;;) {
      const { done, value } = output.next();
      if (done === true) return [joinTexts(texts, ''), value];
      const text = asString(value);
      if (text === undefined) throw new TemplateError('inside of a block only text can be put out; write | string');
      texts.push(text);
    }
  }

  #branch({ branches, otherwise }: Extract<Statement, { type: 'if' }>): readonly Statement[] {
    return branches.find(([test]) => truthy(this.#evaluator.evaluate(test)))?.[1] ?? otherwise;
  }

  *#loop({ target, iterable, condition, body, otherwise }: ForStatement): Output {
    const value = this.#evaluator.evaluate(iterable);
    const items = condition ? this.#filtered(target, value, condition) : iterate(value);
    const loop = new Loop(items, condition || value instanceof Stream ? undefined : value, 0);
    let isEmpty = true;
    for (let item = loop.next(); item !== undefined; item = loop.next()) {
      isEmpty = false;
      const inner = this.#inner();
      inner.#scope.set('loop', loop.members);
      inner.#assign(target, item);
      if ((yield* inner.run(body)) === 'break') break;
    }
    return isEmpty ? yield* this.run(otherwise) : undefined;
  }

  *#filtered(target: Target, value: Py, condition: ForStatement['condition']): Generator<Py> {
    for (const item of iterate(value)) {
      const inner = this.#inner();
      inner.#assign(target, item);
      if (condition && truthy(inner.#evaluator.evaluate(condition))) yield item;
    }
  }

  #assign(target: Target, value: Py): void {
    if (target.type === 'name') this.#scope.set(target.name, value);
    else if (target.type === 'member') this.#assignMember(target.object, target.name, value);
    else {
      const items = [...iterate(value)];
      if (items.length !== target.items.length)
        throw new TemplateError(`${items.length} values cannot be given to ${target.items.length} names`);
      target.items.forEach((each, index) => this.#assign(each, items[index] ?? null));
    }
  }

  #assignMember(object: string, name: string, value: Py): void {
    const found = this.#scope.read(object);
    if (!(found instanceof Members) || !found.write)
      throw new TemplateError(`${object}.${name} cannot be set; make ${object} with namespace()`);
    found.write(name, value);
  }
}
