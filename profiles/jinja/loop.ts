import { equals } from './comparison.ts';
import { TemplateError } from './errors.ts';
import { Callable, lengthOf, Members, orElse, type Py, Tuple, Undefined } from './values.ts';

/** `loop` inside of `{% for %}`; it looks ahead only when it is asked for what follows. */
export class Loop {
  readonly members: Members;
  readonly #sized: Py | undefined;
  readonly #depth: number;
  #iterator: Iterator<Py>;
  #index = -1;
  #before: Py | undefined;
  #current: Py | undefined;
  #after: { readonly value: Py } | 'none' | undefined;
  #changed: Tuple | undefined;

  /** `sized` is what has the length of the loop, where that is known before its end. */
  constructor(items: Iterable<Py>, sized: Py | undefined, depth: number) {
    this.#iterator = items[Symbol.iterator]();
    this.#sized = sized;
    this.#depth = depth;
    this.members = new Members('loop', (name) => this.#read(name));
  }

  /** The next item, or undefined at the end. */
  next(): Py | undefined {
    const ahead = this.#peek();
    this.#after = undefined;
    if (ahead === undefined) return undefined;
    this.#index += 1;
    this.#before = this.#current;
    this.#current = ahead;
    return ahead;
  }

  #peek(): Py | undefined {
    if (this.#after === undefined) {
      const result = this.#iterator.next();
      this.#after = result.done === true ? 'none' : { value: result.value };
    }
    return this.#after === 'none' ? undefined : this.#after.value;
  }

  #length(): number {
    const known = this.#sized === undefined ? undefined : lengthOf(this.#sized);
    if (known !== undefined) return known;
    const ahead = this.#peek();
    const rest: Py[] = ahead === undefined ? [] : [ahead];
    for (let item = this.#iterator.next(); item.done !== true; item = this.#iterator.next()) rest.push(item.value);
    this.#iterator = rest[Symbol.iterator]();
    this.#after = undefined;
    return this.#index + 1 + rest.length;
  }

  #read(name: string): Py | undefined {
    switch (name) {
      case 'index0':
        return BigInt(this.#index);
      case 'index':
        return BigInt(this.#index + 1);
      case 'length':
        return BigInt(this.#length());
      case 'revindex':
        return BigInt(this.#length() - this.#index);
      case 'revindex0':
        return BigInt(this.#length() - this.#index - 1);
      case 'first':
        return this.#index === 0;
      case 'last':
        return this.#peek() === undefined;
      case 'depth':
        return BigInt(this.#depth + 1);
      case 'depth0':
        return BigInt(this.#depth);
      case 'previtem':
        return this.#index === 0 ? new Undefined('there is no previous item') : this.#before;
      case 'nextitem':
        return orElse(this.#peek(), new Undefined('there is no next item'));
      case 'cycle':
        return new Callable('cycle', (args) => this.#cycle(args));
      case 'changed':
        return new Callable('changed', (args) => this.#hasChanged(new Tuple(args)));
      default:
        return undefined;
    }
  }

  #cycle(args: readonly Py[]): Py {
    const value = args[this.#index % args.length];
    if (value === undefined) throw new TemplateError('loop.cycle() needs values to go through');
    return value;
  }

  #hasChanged(values: Tuple): boolean {
    const changed = this.#changed === undefined || !equals(this.#changed, values);
    this.#changed = values;
    return changed;
  }
}
