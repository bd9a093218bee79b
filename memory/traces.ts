/** Characters that every way of writing JSON writes otherwise than they are, and the ends of sentences. */
const CUTS = /["\\\p{Cc}]+|(?<=[.!?…])\s+/u;
/** A sentence from this length on is taken for a text's own. */
const OWN_CHARACTERS = 20;
/** Of a text without such a sentence its longest stretch stands for it, if it has this length: shorter ones turn up by chance. */
const LEAST_CHARACTERS = 12;
/** Of a longer sentence its two ends are looked for: a database may cut what lies between. */
const MOST_CHARACTERS = 80;
/** Of one text. */
const MOST_PARTS = 40;

/** Parts by which a text is known, as they stand in it; none of a text that is too short to be told from others. */
export function distinctiveParts(text: string): string[] {
  const stretches = text.split(CUTS).map((stretch) => stretch.trim());
  const own = stretches.filter(({ length }) => length >= OWN_CHARACTERS);
  if (own.length > 0) return [...new Set(own.flatMap(endsOf))].slice(0, MOST_PARTS);
  const longest = stretches.reduce((best, each) => (each.length > best.length ? each : best), '');
  return longest.length >= LEAST_CHARACTERS ? [longest] : [];
}

function endsOf(sentence: string): string[] {
  const characters = Array.from(sentence);
  if (characters.length <= MOST_CHARACTERS) return [sentence];
  return [characters.slice(0, MOST_CHARACTERS), characters.slice(-MOST_CHARACTERS)].map((end) => end.join(''));
}

/** Bytes of a block by which places are skipped. */
const BLOCK = 3;
const BLOCKS = 1 << 16;

/**
 * Looks for many parts at once, in UTF-8 (Wu & Manber 1994): where a block of bytes stands in no part's beginning, it moves on by
 * as many bytes as cannot begin one.
 */
export class Scanner {
  /** The most bytes of a part. */
  readonly longest: number;
  readonly #patterns: readonly Uint8Array[];
  /** How many bytes of each part count as its beginning. */
  readonly #window: number;
  /** How far to move on after a block; 0: some beginning ends with it. */
  readonly #shifts: Uint8Array;
  /** Parts by a hash of their beginnings. */
  readonly #beginnings = new Map<number, number[]>();

  /** @param parts of at least three bytes each */
  constructor(readonly parts: readonly string[]) {
    const encoder = new TextEncoder();
    this.#patterns = parts.map((part) => encoder.encode(part));
    const lengths = this.#patterns.map(({ length }) => length);
    this.longest = lengths.reduce((most, length) => Math.max(most, length), 0);
    this.#window = lengths.reduce((least, length) => Math.min(least, length), 255);
    this.#shifts = new Uint8Array(BLOCKS).fill(this.#window - BLOCK + 1);
    for (const [number, pattern] of this.#patterns.entries()) {
      for (let end = BLOCK; end <= this.#window; end += 1) {
        const block = blockAt(pattern, end);
        this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, this.#window - end);
      }
      const beginning = this.#hash(pattern, 0);
      this.#beginnings.set(beginning, [...(this.#beginnings.get(beginning) ?? []), number]);
    }
  }

  /** The numbers of the parts that stand in the bytes, one for each place. */
  scan(bytes: Uint8Array): number[] {
    const found: number[] = [];
    if (this.#patterns.length === 0) return found;
    for (let end = this.#window; end <= bytes.length;) {
      const shift = this.#shifts[blockAt(bytes, end)] ?? 1;
      if (shift === 0) found.push(...this.#partsAt(bytes, end - this.#window));
      end += Math.max(1, shift);
    }
    return found;
  }

  #partsAt(bytes: Uint8Array, from: number): number[] {
    const candidates = this.#beginnings.get(this.#hash(bytes, from)) ?? [];
    return candidates.filter((number) => {
      const pattern = this.#patterns[number] ?? bytes;
      return from + pattern.length <= bytes.length && pattern.every((byte, at) => byte === bytes[from + at]);
    });
  }

  /** FNV-1a of a window. */
  #hash(bytes: Uint8Array, from: number): number {
    let hash = 0x811c9dc5;
    for (let at = from; at < from + this.#window; at += 1) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
    return hash;
  }
}

function blockAt(bytes: Uint8Array, end: number): number {
  return (((bytes[end - 3] ?? 0) << 10) ^ ((bytes[end - 2] ?? 0) << 5) ^ (bytes[end - 1] ?? 0)) & (BLOCKS - 1);
}
