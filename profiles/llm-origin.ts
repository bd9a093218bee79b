import { variablesAt } from './credentials.ts';
import type { Variables } from './functions.ts';
import type { Location } from './location.ts';
import { LLM_VARIABLES } from './pipeline-llm.ts';
import { isOfPredecessor, takePredecessor } from './predecessor.ts';
import { render } from './template.ts';
import { isMapping, member, pathText, type Environment, type Mapping, type Path, type Value } from './value.ts';
import { fromEnvironment, givenBy } from './variable-file.ts';

/** What names a server or a model: a variable, or a place in profiles.yml. */
export interface Origin {
  readonly path?: string;
  readonly variable?: string;
}

/** A server's address, and the variable or the place in profiles.yml that names it. It may hold a password. */
export interface NamedServer {
  readonly url: string;
  readonly by: string;
}

type Field = keyof typeof LLM_VARIABLES | 'extract';

/**
 * Ollama's address, by itself: to look whether it is there takes no other value of the profile, and none of the
 * variables that those are made of. Null when nobody names one. @throws ConfigurationError
 */
export function readOllama(location: Location, variables: Variables): NamedServer | null {
  const { value, origin } = find(location, 'url', variables);
  if (typeof value !== 'string' || value.trim() === '') return null;
  return { url: value.trim(), by: origin.variable ?? origin.path ?? '' };
}

/** Where a field of `pipeline.llm` comes from: the profile, a setting of the predecessor, or a variable. @throws ConfigurationError */
export function originOfLlm(location: Location, field: Field, variables: Variables): Origin {
  return find(location, field, variables).origin;
}

function find(location: Location, field: Field, variables: Variables): { value?: Value; origin: Origin } {
  const { env } = variables;
  const { rendered, paths } = takePredecessor(location, renderPart(location, field, variables), env);
  const value = member(member(member(rendered, 'pipeline'), 'llm'), field);
  const origin = inFile(location, paths.get(field) ?? [...location.path, 'pipeline', 'llm', field], env);
  if (value !== undefined && value !== '') return { value, origin };
  const name = field === 'extract' ? undefined : LLM_VARIABLES[field];
  const given = name && fromEnvironment(env, name);
  return name && given ? { value: given, origin: { variable: givenBy(env, name) } } : { origin };
}

function inFile(location: Location, path: Path, env: Environment): Origin {
  const names = variablesAt(location, path).map((name) => givenBy(env, name));
  return { path: pathText(path), ...(names.length > 0 && { variable: names.join(', ') }) };
}

/** Of the output what may hold it. */
function renderPart({ document, path, output }: Location, field: string, variables: Variables): Mapping {
  const fill = (at: Path, value: Value) => render(document, [...path, ...at], value, variables);
  const settingsOf = (block: string): Mapping => {
    const settings = member(output, block);
    const found = Object.entries(isMapping(settings) ? settings : {}).filter(([key]) => isOfPredecessor(key));
    return Object.fromEntries(found.map(([key, value]) => [key, fill([block, key], value)]));
  };
  const value = member(member(member(output, 'pipeline'), 'llm'), field);
  const llm: Mapping = value === undefined ? {} : { [field]: fill(['pipeline', 'llm', field], value) };
  const [settings, config_options] = [settingsOf('settings'), settingsOf('config_options')];
  return { settings, config_options, pipeline: { llm } };
}
