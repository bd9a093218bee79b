import type { Ajv, AnySchemaObject, ValidateFunction } from 'ajv';
import type Ajv2020 from 'ajv/dist/2020.js';

/** Says what is wrong with an answer, or null: it is JSON and fits. */
export type Check = (text: string) => string | null;

/** More would only bury the first. */
const MAX_PROBLEMS = 3;

/** `format` describes, as the standard has it by default, and does not refuse. */
const options = { strict: false, validateFormats: false, logger: false, allErrors: true } as const;

/**
 * Checks answers against JSON Schemas, each compiled once. A server's grammar sees to the shape of an answer; minimum,
 * maximum, pattern and their kin it lets pass.
 */
export class SchemaChecker {
  readonly #checks = new Map<string, Check>();

  private constructor(
    private readonly ajv: Ajv2020.default,
    private readonly draft07: Ajv,
  ) {}

  /** Loads the validator, which only statements with a schema need. */
  static async load(): Promise<SchemaChecker> {
    const [{ Ajv2020 }, { Ajv }] = await Promise.all([import('ajv/dist/2020.js'), import('ajv')]);
    return new SchemaChecker(new Ajv2020(options), new Ajv(options));
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
    if (validate(value)) return null;
    const problems = (validate.errors ?? []).slice(0, MAX_PROBLEMS);
    return problems.map(({ instancePath, message }) => `${instancePath || 'it'} ${message ?? 'is wrong'}`).join('; ');
  };
}
