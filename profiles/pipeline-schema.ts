import { z } from 'zod';
import { findContradictions } from '../memory/parameter-order.ts';
import { parametersSchema } from '../memory/parameters.ts';
import { strict } from './check.ts';
import { chooseEmbedder, llmShape } from './pipeline-llm.ts';
import { timezoneField } from './timezone.ts';
import type { Environment } from './value.ts';
import { blank } from './variable-field.ts';

const text = z.string().min(1);
const column = (name: string, meaning: string) => text.default(name).describe(meaning);
const optionalColumn = (name: string, meaning: string) => text.nullable().default(name).describe(meaning);

const source = strict({
  attachment: text.default('source_memories').describe('Alias of the database in `attach`.'),
  schema: text.default('public').describe('Schema of the table or view.'),
  table: text.default('memories').describe('Name of the table or view. It is only read.'),
  columns: strict({
    id: column('id', 'Tells the rows apart: a whole number, numeric, uuid, text or a time.'),
    content: column('content', 'The text of the memory.'),
    created_at: column('created_at', 'When it was written: timestamptz, timestamp, date or text.'),
    updated_at: optionalColumn('updated_at', 'When it was edited last; types as for `created_at`.'),
    agent: text
      .regex(/^[^.]+(?:\.[^.]+)?$/, 'must be a column, or a field of a JSON column with one dot: metadata.agent')
      .nullable()
      .default('metadata.agent')
      .describe('Who wrote it: a column, or with one dot a field of a JSON column.'),
    tags: optionalColumn('tags', 'Tags: an array, JSON or comma-separated text.'),
    context: optionalColumn('context', 'Where or in which task it was written; of any type, read as text.'),
    metadata: optionalColumn('metadata', 'What else is known of it, usually JSON; of any type, read as text.'),
  })
    .prefault({})
    .describe('What each column is called. null: there is no such column.'),
});

/** The table that an embedded PostgreSQL starts with. */
export const ownSource = source.parse({});

/** Of Temporal a profile says no more: where the server is stands in the environment, or in temporal.toml. */
export const temporalSchema = strict({
  namespace: z
    .preprocess(blank, text.nullish())
    .transform((name) => name ?? undefined)
    .meta({
      description: 'Namespace of Temporal for this target. One namespace serves one target.',
      variable: 'TEMPORAL_NAMESPACE',
      standard: '`namespace` of `temporal.toml`, else `biological-memory-<target>`',
    }),
}).optional();

/** Where SQL that came in with a memory, or a slip, would do the most harm; dev stays open to look around in. */
const HARDENED = ['prod', 'test'];

/** The `pipeline:` of a target. docs/configuration.md is made from it: type, default and range, meaning, unit and variable. */
export function pipelineSchema(env: Environment, target: string) {
  return strict({
    source: source.prefault({}).describe('The table that the memories come from, in an attached database.'),
    llm: strict(llmShape(env))
      .prefault({})
      .transform((llm) => ({ ...llm, extract: llm.extract ?? llm.generate, embed: chooseEmbedder(llm) }))
      .describe('Ollama, and which of its models does what.'),
    scope: text
      .regex(/^(?:agent|shared|metadata\..+)$/, 'must be agent, shared or metadata.<field>')
      .default('agent')
      .describe(
        'Whose memories are linked, and learned from together: `agent`: those of one agent; `shared`: all; `metadata.<field>`: those with the same value there, and of one agent where it is missing.',
      ),
    recall: strict({
      keep_questions: z
        .boolean()
        .default(false)
        .describe('Whether `dreams.recall_events` keeps the text of questions besides its hash.'),
    })
      .prefault({})
      .describe('What a recall leaves behind.'),
    temporal: temporalSchema,
    timezone: timezoneField(env),
    hardened: z
      .boolean()
      .default(HARDENED.includes(target))
      .meta({
        description:
          'Whether the open database is closed against files outside its folder, downloads and changed settings.',
        standard: `true for the targets ${HARDENED.join(' and ')}, else false`,
      }),
    parameters: strict(parametersSchema.shape)
      .superRefine((parameters, context) => {
        for (const { name, problem } of findContradictions(parameters))
          context.addIssue({ code: 'custom', path: [name], message: problem });
      })
      .prefault({})
      .describe('The science parameters.'),
  }).prefault({});
}

type Frozen<T> = T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> } : T;

/** The block of an output that is ours, checked, with its defaults filled in; dbt ignores it. `llm.cache` is in bytes. */
export type Pipeline = Frozen<z.output<ReturnType<typeof pipelineSchema>>>;
