import { z } from 'zod';
import { pipelineSchema } from '../../profiles/pipeline-schema.ts';
import { code, markdownTable } from './table.ts';

/** A field as the schema tells it; what no JSON Schema has comes from `.meta()` in profiles/. */
interface Field {
  readonly description?: string;
  readonly unit?: string;
  readonly variable?: string;
  /** The default in words, where it depends on something. */
  readonly standard?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Field[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Field>>;
}

/** Above this JSON Schema repeats what an integer of JavaScript can hold at most. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/** A table for `pipeline:` itself and one for each mapping in it. @throws Error for a field without a description */
export function describePipeline(): string {
  const schema = z.toJSONSchema(pipelineSchema({}, 'dev'), { io: 'input' }) as Field;
  return sections('pipeline', schema).join('\n\n');
}

function sections(path: string, { description, properties = {} }: Field): string[] {
  const fields = Object.entries(properties);
  const leaves = fields.filter(([, field]) => field.properties === undefined);
  const mappings = fields.filter(([name, { properties }]) => properties !== undefined && name !== 'parameters');
  const rows = leaves.map(([name, field]) => row(`${path}.${name}`, name, field));
  const table = markdownTable(['field', 'type', 'unit', 'default', 'range', 'variable', 'meaning'], rows);
  return [
    `### \`${path}\``,
    ...(description === undefined ? [] : [description]),
    ...(rows.length === 0 ? [] : [table]),
    ...mappings.flatMap(([name, field]) => sections(`${path}.${name}`, field)),
  ];
}

function row(path: string, name: string, field: Field): string[] {
  if (field.description === undefined) throw new Error(`${path} has no description: give it one in profiles/`);
  return [
    code(name),
    typeOf(field),
    field.unit ?? '',
    field.standard ?? code(String(field.default)),
    rangeOf(field),
    code(field.variable ?? ''),
    field.description,
  ];
}

function typeOf({ type, anyOf = [] }: Field): string {
  const words: Readonly<Record<string, string>> = { string: 'text', integer: 'whole number', boolean: 'true or false' };
  const types = [type ?? anyOf.map((each) => each.type ?? '')].flat(2);
  return types.map((each) => words[each] ?? each).join(' or ');
}

function rangeOf({ minimum, maximum }: Field): string {
  const most = maximum === undefined || maximum >= UNBOUNDED ? undefined : maximum;
  if (minimum === undefined) return '';
  return most === undefined ? `${minimum} or more` : `${minimum} to ${most}`;
}
