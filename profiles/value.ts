/** What a profile is made of: YAML's values, after the templates have been filled in. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

export type Mapping = { readonly [key: string]: Value };

/** The way from the root of profiles.yml to a value, such as `['biological_memory', 'outputs', 'dev', 'attach', 0]`. */
export type Path = readonly (string | number)[];

/** Environment variables; a parameter everywhere, so that tests need not touch `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member `key` of a mapping: undefined for anything else, and for what JavaScript's objects inherit. */
export function member(value: unknown, key: string): Value | undefined {
  return isMapping(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** The text of an environment variable, or undefined. */
export function variable(env: Environment, name: string): string | undefined {
  const text = Object.hasOwn(env, name) ? env[name] : undefined;
  return typeof text === 'string' ? text : undefined;
}

/** `biological_memory.outputs.dev.attach[0].path` */
export function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index > 0 ? `.${part}` : part)).join('');
}
