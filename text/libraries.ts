import { createRequire } from 'node:module';
import type * as Chrono from 'chrono-node';
import type Compromise from 'compromise/two';
import type { Document, ItsHelpers, Model, WinkMethods } from 'wink-nlp';

// The models take about a second to load. `require` is synchronous, so they load at the first text, not at the first import.
const load = createRequire(import.meta.url);

/** Characters after which wink is set up afresh: it interns every new word for good, and its word index is finite. */
const WINK_LIFETIME = 2_000_000;

let wink: { readonly nlp: WinkMethods; read: number } | undefined;
let compromise: typeof Compromise | undefined;
let chrono: typeof Chrono | undefined;

function startWink(): { readonly nlp: WinkMethods; read: number } {
  const create = load('wink-nlp') as (model: Model, pipe: string[]) => WinkMethods;
  const model = load('wink-eng-lite-web-model') as Model;
  // No sentence detection: it breaks on `v2.14.3` and `Fly.io`; compromise cuts the sentences.
  return { nlp: create(model, ['negation', 'sentiment', 'pos']), read: 0 };
}

/** Tags one sentence: parts of speech, stems, negation, sentiment. */
export function tagWithWink(text: string): { readonly doc: Document; readonly its: ItsHelpers } {
  if (!wink || wink.read > WINK_LIFETIME) wink = startWink();
  wink.read += text.length;
  return { doc: wink.nlp.readDoc(text), its: wink.nlp.its };
}

export function loadCompromise(): typeof Compromise {
  compromise ??= load('compromise/two') as typeof Compromise;
  return compromise;
}

export function loadChrono(): typeof Chrono {
  chrono ??= load('chrono-node') as typeof Chrono;
  return chrono;
}

/** Whether wink's vocabulary has the word in lower case: then a capital at the start of a sentence says nothing. */
export const isCommon = (word: string): boolean => !tagWithWink('').doc.isOOV(word);

/** What compromise's word list says of one lower-case word ("went" -> PastTense, "lisbon" -> City); empty when unknown. */
export function lookUp(word: string): readonly string[] {
  const { lexicon } = (loadCompromise().model() as { one: { lexicon: Record<string, string | string[]> } }).one;
  const found = Object.hasOwn(lexicon, word) ? lexicon[word] : undefined;
  return found === undefined ? [] : typeof found === 'string' ? [found] : found;
}
