import { ConfigurationError } from '../memory/errors.ts';
import { fromValue } from './jinja/conversion.ts';
import { MissingVariableError, TemplateError } from './jinja/errors.ts';
import type { Names } from './jinja/evaluate.ts';
import { define, globalFunctions, unknownName } from './jinja/globals.ts';
import { asString, type Callable, type Py } from './jinja/values.ts';
import { fromEnvironment } from './variable-file.ts';

/** Stands for a secret while a template is evaluated, so that no filter can change it and no error can show it. */
export type Conceal = (name: string, secret: string) => string;

export interface Variables {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly vars: Readonly<Record<string, unknown>>;
}

/** The functions that a profile's templates may call: those of Jinja, and dbt's. */
export function createNames(variables: Variables, conceal: Conceal): Names {
  const functions: ReadonlyMap<string, Callable> = new Map([
    define('env_var', 'var default?', ([name, fallback = null]) => envVar(variables.env, name, fallback, conceal)),
    define('var', 'var_name default?', ([name, fallback]) => readVar(variables.vars, name, fallback)),
    ...globalFunctions(),
  ]);
  return { read: (name) => functions.get(name) ?? unknownName(name, functions.keys()) };
}

function envVar(env: Variables['env'], given: Py | undefined, fallback: Py, conceal: Conceal): Py {
  const name = nameOf('env_var', given);
  // dbt keeps these to itself.
  const value = name.startsWith('DBT_ENV_PRIVATE') ? undefined : readVariable(env, name);
  if (value !== undefined) return name.startsWith('DBT_ENV_SECRET') ? conceal(name, value) : value;
  if (fallback !== null) return fallback;
  throw new MissingVariableError(
    `needs the environment variable ${name} (Env var required but not provided: '${name}'). ` +
      `Set it, or give a default in the profile: {{ env_var('${name}', '...') }}.`,
  );
}

/** A file that cannot be read is said with the place in the profile that asks for it. */
function readVariable(env: Variables['env'], name: string): string | undefined {
  try {
    return fromEnvironment(env, name);
  } catch (error) {
    throw error instanceof ConfigurationError
      ? new MissingVariableError(`cannot be filled in: ${error.message}`)
      : error;
  }
}

function readVar(vars: Variables['vars'], given: Py | undefined, fallback: Py | undefined): Py {
  const name = nameOf('var', given);
  const value = Object.hasOwn(vars, name) ? asValue(name, vars[name]) : fallback;
  if (value !== undefined) return value;
  throw new MissingVariableError(`needs the variable ${name}. Give it with --vars '{"${name}": ...}'.`);
}

function nameOf(name: string, given: Py | undefined): string {
  const text = given === undefined ? undefined : asString(given);
  if (text !== undefined && text !== '') return text;
  throw new TemplateError(`${name}() needs the name of a variable in quotes`);
}

/** dbt evaluates a text of --vars once more; here it is taken as it stands, or not at all. */
function asValue(name: string, given: unknown): Py {
  const value = fromValue(given);
  if (value === undefined)
    throw new TemplateError('a variable given with --vars must be text, a number, true/false, a list or a mapping');
  if (typeof value === 'string' && /\{[{%#]|[#}%]\}/.test(value))
    throw new TemplateError(`the variable ${name} of --vars holds a template itself; write it in the profile`);
  return value;
}
