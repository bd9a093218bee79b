import { ConfigurationError } from '../memory/errors.ts';
import { Document } from './document.ts';
import { type Environment, isMapping, type Mapping } from './value.ts';

/**
 * The variables of `--vars`, for `var()` in a template: a mapping in YAML, of which JSON is a part, as for dbt.
 * Throws ConfigurationError that says what it must look like.
 */
export function readVars(text: string, env: Environment): Mapping {
  const { value } = Document.parse(text, '--vars', env);
  if (isMapping(value)) return value;
  const found = value === null ? 'nothing' : Array.isArray(value) ? 'a list' : `one value (${typeof value})`;
  throw new ConfigurationError(`--vars must be a mapping in YAML or JSON, such as '{schema: memories}', not ${found}.`);
}
