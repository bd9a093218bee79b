import { check } from './check.ts';
import type { Location } from './location.ts';
import { llmShape } from './pipeline-llm.ts';
import { type Environment, isMapping, type Mapping, member, type Path, type Value } from './value.ts';

/**
 * Settings of the predecessor's example profile, which are none of DuckDB's: dbt hands them on, and DuckDB ends the connection. So
 * no profile that works with dbt has one, and nothing is read here otherwise than by dbt. Of two for one field the first counts.
 */
const FIELDS: Readonly<Record<string, 'url' | 'generate' | 'embed'>> = {
  ollama_url: 'url',
  ollama_base_url: 'url',
  prompt_base_url: 'url',
  ollama_model: 'generate',
  prompt_model_name: 'generate',
  ollama_embedding_model: 'embed',
  ollama_embed_model: 'embed',
  embedding_model: 'embed',
};

/** The prefixes of its other settings; no setting of DuckDB begins so. */
const OTHERS = /^(?:ollama|prompt)_/;
/** It names the provider, and `prompt_model_name` the model. */
const PROVIDER = 'prompt_model';

interface Found {
  readonly path: Path;
  readonly name: string;
  readonly value: Value;
}

/**
 * The rendered output with the predecessor's settings where they belong, in `pipeline.llm`, unless that says otherwise, and a warning
 * for each; `paths` says which of them gave a field. One that is empty counts as absent. Throws ConfigurationError with the setting's own path when its value does not do.
 */
export function takePredecessor(location: Location, rendered: Mapping, env: Environment) {
  const found = (['settings', 'config_options'] as const).flatMap((block) => findIn(block, location, rendered));
  const paths = new Map<string, Path>();
  if (found.length === 0) return { rendered, warnings: [], paths };
  const shape = llmShape(env);
  const foreign = found.some(({ name, value }) => name === PROVIDER && isForeign(value));
  const llm: Record<string, Value> = { ...said(member(member(rendered, 'pipeline'), 'llm')) };
  const givenBy = new Map<string, string>(Object.keys(llm).map((field) => [field, 'pipeline.llm has it already']));
  const warnings = inOrder(found).map(({ path, name, value }) => {
    const tell = (fate: string) =>
      location.document.sentence(path, `is no setting of DuckDB, and dbt fails on it; ${fate}`);
    const field = FIELDS[name];
    if (name === PROVIDER && !foreign) return tell('take it out: a model is always asked of Ollama.');
    if (foreign && name.startsWith('prompt_')) return tell('it is ignored: only Ollama can be asked.');
    if (field === undefined)
      return tell('it is ignored. What can be set is in docs/configuration.md, under pipeline.llm.');
    if (isEmpty(value)) return tell(`it is empty and ignored; pipeline.llm.${field} is its place.`);
    const before = givenBy.get(field);
    if (before !== undefined) return tell(`it is ignored: ${before}. Take it out.`);
    check(shape[field], location.document, path, value);
    llm[field] = value;
    givenBy.set(field, `${name} counts`);
    paths.set(field, path);
    return tell(`it is used as pipeline.llm.${field}; move it there.`);
  });
  const pipeline = withLlm(member(rendered, 'pipeline'), llm);
  return { rendered: { ...withoutFound(rendered), pipeline }, warnings, paths };
}

function findIn(block: string, { path }: Location, rendered: Mapping): Found[] {
  const settings = member(rendered, block);
  return Object.entries(isMapping(settings) ? settings : {})
    .filter(([key]) => isOfPredecessor(key))
    .map(([key, value]) => ({ path: [...path, block, key], name: key.toLowerCase(), value }));
}

export function isOfPredecessor(key: string): boolean {
  const name = key.toLowerCase();
  return Object.hasOwn(FIELDS, name) || OTHERS.test(name);
}

function inOrder(found: readonly Found[]): Found[] {
  const names = Object.keys(FIELDS);
  return [...found].sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
}

/** What the block says itself; a text that is empty says nothing, null says that there is none. */
function said(llm: Value | undefined): Mapping {
  return Object.fromEntries(Object.entries(isMapping(llm) ? llm : {}).filter(([, value]) => value !== ''));
}

function isEmpty(value: Value): boolean {
  return value === null || value === '';
}

function isForeign(provider: Value): boolean {
  return typeof provider === 'string' && !/^(?:ollama)?$/i.test(provider);
}

function withoutFound(rendered: Mapping): Mapping {
  const strip = (block: Value): Value =>
    isMapping(block) ? Object.fromEntries(Object.entries(block).filter(([key]) => !isOfPredecessor(key))) : block;
  const blocks = ['settings', 'config_options'];
  return Object.fromEntries(
    Object.entries(rendered).map(([key, value]) => [key, blocks.includes(key) ? strip(value) : value]),
  );
}

/** A block that is no mapping is left to the check that refuses it. */
function withLlm(pipeline: Value | undefined, llm: Mapping): Value {
  if (pipeline === undefined || pipeline === null) return { llm };
  if (!isMapping(pipeline)) return pipeline;
  const given = member(pipeline, 'llm') ?? null;
  return given === null || isMapping(given) ? { ...pipeline, llm: { ...given, ...llm } } : pipeline;
}
