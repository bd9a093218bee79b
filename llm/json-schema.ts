import type { Ajv, AnySchemaObject, ValidateFunction } from 'ajv';
import type Ajv2020 from 'ajv/dist/2020.js';
import { someText } from './texts.ts';

/** Says what is wrong with an answer, or null: it is JSON and fits. */
export type Check = (text: string) => string | null;

/** More would only bury the first. */
const MAX_PROBLEMS = 3;

const options = { strict: false, logger: false, allErrors: true } as const;

/**
 * Checks answers against JSON Schemas, each compiled once. A server's grammar sees to the shape of an answer; minimum,
 * maximum, pattern and their kin it lets pass. The standard leaves it open whether a `format` is checked: it is, as far as it
 * is known (date, email, uuid, …), for who names one means it.
 */
export class SchemaChecker {
  readonly #checks = new Map<string, Check>();

  private constructor(
    private readonly ajv: Ajv2020.default,
    private readonly draft07: Ajv,
  ) {}

  /** Loads the validator, which only statements with a schema need. */
  static async load(): Promise<SchemaChecker> {
    const [{ Ajv2020 }, { Ajv }, { default: formats }] = await Promise.all([
      import('ajv/dist/2020.js'),
      import('ajv'),
      import('ajv-formats'),
    ]);
    const [ajv, draft07] = [new Ajv2020(options), new Ajv(options)];
    formats.default(ajv);
    formats.default(draft07);
    return new SchemaChecker(ajv, draft07);
  }

  /** @throws Error when the schema is none, or refers to something outside itself */
  compile(schema: string): Check {
    const known = this.#checks.get(schema);
    if (known !== undefined) return known;
    const document = JSON.parse(schema) as AnySchemaObject;
    // One instance cannot hold both dialects; what names none is read as the current one.
    const old = typeof document.$schema === 'string' && /draft-0[67]/.test(document.$schema);
    const check = checkWith((old ? this.draft07 : this.ajv).compile(document));
    this.#checks.set(schema, check);
    return check;
  }
}

function checkWith(validate: ValidateFunction): Check {
  return (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return `it is not JSON (${String(text.length)} characters)`;
    }
    try {
      // JavaScript takes it, DuckDB does not: whoever looks into the answer would fail.
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
