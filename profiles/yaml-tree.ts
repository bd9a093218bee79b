import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap } from 'yaml';
import { readScalar } from './scalar.ts';
import type { Value } from './value.ts';

/** Thrown when YAML that parses cannot be a profile; `offset` is its place in the text. */
export class YamlTreeError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** What a file may hold at most, merged keys counted each time: a document can grow beyond all bounds by aliases alone. */
const maxValues = 60_000;

const standardTag = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/**
 * YAML nodes to plain values, in one pass, each node once however often it is aliased: the library's own conversion takes
 * exponential time for merge keys (`<<`) that nest.
 */
export class YamlTree {
  readonly duplicates: { key: string; offset: number }[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #values = new Map<Node, Value>();
  readonly #offsets = new WeakMap<object, Map<string | number, number>>();
  readonly #unfinished = new Set<Node>();
  #count = 0;

  /** The offset in the text of a mapping's or a list's member. */
  offset(container: unknown, key: string | number): number | undefined {
    return typeof container === 'object' && container !== null ? this.#offsets.get(container)?.get(key) : undefined;
  }

  read(node: Node | null | undefined): Value {
    if (!node) return null;
    if (isAlias(node)) return this.#readAlias(node, node.source);
    const known = this.#values.get(node);
    if (known !== undefined) return known;
    if (node.anchor) this.#anchors.set(node.anchor, node);
    this.#unfinished.add(node);
    const value = this.#readFresh(node);
    this.#unfinished.delete(node);
    this.#values.set(node, value);
    return value;
  }

  #readAlias(node: Node, name: string): Value {
    const target = this.#anchors.get(name);
    if (!target) throw this.#error(node, `there is no anchor &${name} before this alias`);
    if (this.#unfinished.has(target)) throw this.#error(node, `*${name} stands inside &${name} itself`);
    return this.read(target);
  }

  #readFresh(node: Node): Value {
    this.#spend(node);
    if (node.tag && !standardTag.test(node.tag)) throw this.#error(node, `the tag ${node.tag} is not supported`);
    if (isMap(node)) return this.#readMap(node as YAMLMap<Node | null, Node | null>);
    if (isSeq(node)) return this.#readSeq(node.items as (Node | null)[]);
    return isScalar(node) ? this.#readScalar(node) : null;
  }

  #readScalar(node: Scalar): Value {
    const text = String(node.value);
    const isText = node.tag ? node.tag.endsWith(':str') : node.type !== Scalar.PLAIN;
    return isText ? text : readScalar(text);
  }

  #readSeq(items: (Node | null)[]): Value {
    const list = items.map((item) => this.read(item));
    this.#offsets.set(list, new Map(items.map((item, index) => [index, offsetOf(item)])));
    return list;
  }

  #readMap(map: YAMLMap<Node | null, Node | null>): Value {
    const entries = new Map<string, Value>();
    const offsets = new Map<string | number, number>();
    const merged: Value[] = [];
    for (const pair of map.items) {
      const key = this.#readKey(pair, map);
      const value = this.read(pair.value);
      if (isMergeKey(pair.key)) merged.push(...this.#mergeSources(pair, value));
      else {
        if (entries.has(key)) this.duplicates.push({ key, offset: offsetOf(pair.key) });
        entries.set(key, value);
        offsets.set(key, offsetOf(pair.key));
      }
    }
    this.#merge(map, merged, entries, offsets);
    const value = Object.fromEntries(entries);
    this.#offsets.set(value, offsets);
    return value;
  }

  #readKey(pair: Pair<Node | null, Node | null>, map: Node): string {
    if (pair.key !== null && !isScalar(pair.key)) throw this.#error(pair.key, 'a key must be plain text');
    const key = typeof pair.key?.value === 'string' ? pair.key.value : '';
    if (key === '__proto__') throw this.#error(pair.key ?? map, 'the key __proto__ is not allowed');
    return key;
  }

  #mergeSources(pair: Pair<Node | null, Node | null>, value: Value): readonly Value[] {
    const sources = Array.isArray(value) ? (value as readonly Value[]) : [value];
    if (sources.every((source) => typeof source === 'object' && source !== null && !Array.isArray(source)))
      return sources;
    throw this.#error(pair.key, '<< needs a mapping or a list of mappings');
  }

  /** Keys that stand in the map itself win; then those of the source that comes first. */
  #merge(map: Node, sources: Value[], entries: Map<string, Value>, offsets: Map<string | number, number>): void {
    for (const source of sources) {
      for (const [key, value] of Object.entries(source ?? {}) as [string, Value][]) {
        this.#spend(map);
        if (entries.has(key)) continue;
        entries.set(key, value);
        offsets.set(key, this.offset(source, key) ?? offsetOf(map));
      }
    }
  }

  #spend(node: Node): void {
    if (++this.#count > maxValues) throw this.#error(node, `it has more than ${maxValues} values`);
  }

  #error(node: Node | null, message: string): YamlTreeError {
    return new YamlTreeError(offsetOf(node), message);
  }
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && key.value === '<<';
}

function offsetOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}
