import {
  ANY,
  DuckDBArrayValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBScalarFunction,
  type DuckDBScalarFunctionInfo,
  DuckDBStructValue,
  DuckDBVarCharType,
  FLOAT,
  LIST,
  listValue,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api';
import { messageOf } from '../memory/errors.ts';
import type { Call } from './calls.ts';
import { serve, type Passes } from './passes.ts';

const JSON_TEXT = DuckDBVarCharType.create('JSON');

interface Signature {
  readonly name: Call['name'];
  readonly returns: DuckDBType;
  readonly takes: readonly ('prompt' | 'schema' | 'options')[];
}

/**
 * Schema and options are texts, or structs written in SQL: `{'temperature': 0.5}`. A vector's length is the model's and a
 * function's type is fixed when it is registered, before any model was asked; so it is FLOAT[], to be cast where a fixed
 * length is wanted: `llm_embed(text)::float[384]`.
 */
const SIGNATURES: readonly Signature[] = [
  { name: 'llm_generate', returns: VARCHAR, takes: ['prompt'] },
  { name: 'llm_generate', returns: VARCHAR, takes: ['prompt', 'options'] },
  { name: 'llm_generate_json', returns: JSON_TEXT, takes: ['prompt', 'schema'] },
  { name: 'llm_generate_json', returns: JSON_TEXT, takes: ['prompt', 'schema', 'options'] },
  { name: 'llm_embed', returns: LIST(FLOAT), takes: ['prompt'] },
];

/** The LLM functions of one database, for all of its connections. */
export class LlmFunctions {
  /** Which statement calls is told by its connection, so statements of several connections may run at once. */
  readonly #passes = new Map<number, Passes>();

  /**
   * Registers them. They are volatile: else DuckDB would call them while it plans, and keep a placeholder as a constant. A
   * connection that is not served gets an error of them.
   */
  readonly register = (connection: DuckDBConnection): void => {
    for (const signature of SIGNATURES) connection.registerScalarFunction(createFunction(signature, this.#passes));
  };

  /** Answers the calls of a connection's statements while the body runs. */
  async serve<T>(connection: DuckDBConnection, passes: Passes, body: () => Promise<T>): Promise<T> {
    const id = connection.clientContext.connectionId;
    this.#passes.set(id, passes);
    serve(connection, passes);
    try {
      return await body();
    } finally {
      this.#passes.delete(id);
    }
  }
}

function createFunction(
  { name, returns, takes }: Signature,
  served: ReadonlyMap<number, Passes>,
): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    returnType: returns,
    parameterTypes: takes.map((parameter) => (parameter === 'prompt' ? VARCHAR : ANY)),
    volatile: true,
    bindFunction: (info) => {
      served.get(info.clientContext.connectionId)?.countBound();
    },
    initFunction: (info) => {
      total(info, () => {
        info.setState({ connection: info.clientContext.connectionId });
      });
    },
    mainFunction: (info, chunk, output) => {
      total(info, () => {
        const { connection } = info.state as { connection: number };
        answerRows(served.get(connection), { name, takes, chunk, output });
      });
    },
  });
}

/** An exception that leaves a function ends the process; as an error it ends the statement. */
function total(info: Pick<DuckDBScalarFunctionInfo, 'setError'>, body: () => void): void {
  try {
    body();
  } catch (error) {
    info.setError(messageOf(error));
  }
}

interface Rows extends Omit<Signature, 'returns'> {
  readonly chunk: DuckDBDataChunk;
  readonly output: DuckDBVector;
}

function answerRows(passes: Passes | undefined, { name, takes, chunk, output }: Rows): void {
  const columns = takes.map((parameter, index) => ({ parameter, vector: readVector(chunk, index, [name, parameter]) }));
  for (let row = 0; row < chunk.rowCount; row += 1) {
    const call: Record<'prompt' | 'schema' | 'options', string | null> = { prompt: null, schema: null, options: null };
    for (const { parameter, vector } of columns) call[parameter] = toText(vector.getItem(row));
    // As of any SQL function: NULL in, NULL out.
    const isNull = takes.some((parameter) => call[parameter] === null);
    output.setItem(row, isNull ? null : answerRow(passes, { ...call, name, prompt: call.prompt ?? '' }));
  }
  output.flush();
}

function readVector(chunk: DuckDBDataChunk, index: number, where: readonly string[]): DuckDBVector {
  try {
    return chunk.getColumnVector(index);
  } catch (error) {
    const reason = messageOf(error);
    throw new Error(
      `${where.join(': ')}: expected a JSON text, or a struct of texts, numbers and lists: leave out what is NULL (${reason})`,
    );
  }
}

function answerRow(passes: Passes | undefined, call: Call): DuckDBValue {
  const value = passes?.answer(call);
  if (value === undefined)
    throw new Error(`${call.name} cannot wait for a model here: run the statement by biomem sql`);
  return typeof value === 'string' || value === null ? value : listValue(value);
}

/** A text as it is, anything else as JSON. */
function toText(value: DuckDBValue): string | null {
  return value === null || typeof value === 'string' ? value : JSON.stringify(toPlain(value));
}

function toPlain(value: DuckDBValue): unknown {
  if (value instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(value.entries).map(([name, each]) => [name, toPlain(each)]));
  if (value instanceof DuckDBMapValue)
    return Object.fromEntries(value.entries.map((entry) => [String(entry.key), toPlain(entry.value)]));
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(toPlain);
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (typeof value === 'bigint') return Number(value);
  return value === null || typeof value !== 'object' ? value : String(value);
}
