import type { Ajv, AnySchemaObject, ValidateFunction } from 'ajv';
import { someText } from '../llm/texts.ts';

/** Says what is wrong with a value that came of JSON, or null: it fits. */
export type Check = (value: unknown) => string | null;

type Dialect = 'current' | 'draft07';
type Validator = Pick<Ajv, 'compile'>;

/** More would only bury the first. */
const MAX_PROBLEMS = 3;

const options = { strict: false, logger: false, allErrors: true } as const;

/**
 * Checks answers against JSON Schemas, each compiled once. A server's grammar sees to the shape of an answer; minimum,
 * maximum, pattern and the like it lets pass. The standard leaves it open whether a `format` is checked: it is, as far as it
 * is known (date, email, uuid, …), for who names one means it.
 */
export class SchemaChecker {
  readonly #checks = new Map<string, Check>();
  readonly #shared: Record<Dialect, Validator>;

  private constructor(private readonly open: (dialect: Dialect) => Validator) {
    this.#shared = { current: open('current'), draft07: open('draft07') };
  }

  /** Loads the validator, which only statements with a schema need. */
  static async load(): Promise<SchemaChecker> {
    const [{ Ajv2020 }, { Ajv }, { default: formats }] = await Promise.all([
      import('ajv/dist/2020.js'),
      import('ajv'),
      import('ajv-formats'),
    ]);
    return new SchemaChecker((dialect) => {
      const ajv = dialect === 'current' ? new Ajv2020(options) : new Ajv(options);
      formats.default(ajv);
      return ajv;
    });
  }

  /** @throws Error when the schema is none, refers to something outside itself, or is asynchronous */
  compile(schema: string): Check {
    const known = this.#checks.get(schema);
    if (known !== undefined) return known;
    const document = JSON.parse(schema) as AnySchemaObject;
    // Its validator gives a promise, which is truthy whatever it comes to, and ends the process when nobody awaits it.
    if (isAsynchronous(document)) throw new Error('"$async" is not supported: leave it out');
    const check = checkWith(this.#validatorFor(schema, document).compile(document));
    this.#checks.set(schema, check);
    return check;
  }

  /** One instance cannot hold both dialects; what names none is read as the current one. */
  #validatorFor(schema: string, { $schema }: AnySchemaObject): Validator {
    const dialect = typeof $schema === 'string' && /draft-0[67]/.test($schema) ? 'draft07' : 'current';
    // It knows each $id once, so that the next schema of that name would be refused, or taken for the first. Not for every
    // schema a validator of its own: that takes 25 to 40 ms.
    return schema.includes('"$id"') ? this.open(dialect) : this.#shared[dialect];
  }
}

/** Keywords under which names stand, and those under which data stands: a property may be called `$async`. */
const NAMING = new Set(['properties', 'patternProperties', 'dependentSchemas', 'dependencies', '$defs', 'definitions']);
const DATA = new Set(['const', 'enum', 'default', 'examples']);

function isAsynchronous(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  if (Array.isArray(schema)) return schema.some(isAsynchronous);
  return Object.entries(schema).some(([keyword, value]: [string, unknown]) => {
    if (keyword === '$async') return Boolean(value);
    return NAMING.has(keyword)
      ? Object.values(value ?? {}).some(isAsynchronous)
      : !DATA.has(keyword) && isAsynchronous(value);
  });
}

function checkWith(validate: ValidateFunction): Check {
  return (value) => {
    try {
      // JavaScript takes it, DuckDB does not: a look into the answer would fail.
      if (someText(value, (each) => !each.isWellFormed())) return 'it has half of a surrogate pair';
      if (validate(value)) return null;
    } catch (error) {
      // The stack ran over: {"$ref": "#"}, or an answer nested by the thousand.
      return `the schema refers to itself without end (${String(error)})`;
    }
    const problems = (validate.errors ?? []).slice(0, MAX_PROBLEMS);
    return problems.map(({ instancePath, message }) => `${instancePath || 'it'} ${message ?? 'is wrong'}`).join('; ');
  };
}
