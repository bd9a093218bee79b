import { z } from 'zod';
import { type Parameters, parametersSchema } from '../memory/parameters.ts';
import { check, strict } from './check.ts';
import type { Variables } from './functions.ts';
import type { Location } from './location.ts';
import { hideUser } from './redact.ts';
import { render } from './template.ts';
import { type Environment, type Mapping, member } from './value.ts';
import { fromEnvironment } from './variable-file.ts';

/** The block of an output that is ours; dbt ignores it. */
export interface Pipeline {
  readonly source: Source;
  readonly llm: LlmSettings;
  /** Temporal's namespace, when the profile names one. */
  readonly temporal?: { readonly namespace?: string | undefined } | undefined;
  /** An IANA name, checked. */
  readonly timezone: string;
  /** Whether the open database is closed against files outside its folder, downloads and changed settings. */
  readonly hardened: boolean;
  readonly parameters: Parameters;
}

/** Ollama, and which of its models does what. */
export interface LlmSettings {
  /** Ollama's address; null: rules do it. */
  readonly url: string | null;
  /** Writes gists and insights; null: rules do it. */
  readonly generate: string | null;
  /** Reads memories and episodes; `generate` when not named. */
  readonly extract: string | null;
  readonly embed: string | null;
  /** Calls under way at once, 1 to 64. */
  readonly parallel: number;
  /** Seconds that one call may take, 1 to 290. */
  readonly timeout: number;
  /** Tokens of prompt and answer together, 512 to 1,048,576. */
  readonly num_ctx: number;
  /** The most that one cycle takes of Ollama over all its steps: calls to generate, tokens of both sides, seconds. */
  readonly budget: { readonly calls: number; readonly tokens: number; readonly seconds: number };
  /** Bytes that answers kept for the LLM functions of SQL may take; the least recently used go first. */
  readonly cache: number;
}

/** The table that the memories come from, in an attached database. */
export interface Source {
  /** The alias in `attach`. */
  readonly attachment: string;
  readonly schema: string;
  readonly table: string;
  /** What each column is called; null: there is none. `agent` may be `column.field`, a field of a JSON column. */
  readonly columns: {
    readonly id: string;
    readonly content: string;
    readonly created_at: string;
    readonly updated_at: string | null;
    readonly agent: string | null;
    readonly tags: string | null;
    readonly context: string | null;
    readonly metadata: string | null;
  };
}

const text = z.string().min(1);
const column = (name: string) => text.default(name);
const optionalColumn = (name: string) => text.nullable().default(name);

const source = strict({
  attachment: text.default('source_memories'),
  schema: text.default('public'),
  table: text.default('memories'),
  columns: strict({
    id: column('id'),
    content: column('content'),
    created_at: column('created_at'),
    updated_at: optionalColumn('updated_at'),
    agent: text
      .regex(/^[^.]+(?:\.[^.]+)?$/, 'must be a column, or a field of a JSON column with one dot: metadata.agent')
      .nullable()
      .default('metadata.agent'),
    tags: optionalColumn('tags'),
    context: optionalColumn('context'),
    metadata: optionalColumn('metadata'),
  }).prefault({}),
});

/** A size as DuckDB writes its own: KB is 1000 bytes, KiB 1024. */
const size = z
  .string()
  .regex(/^\d+(?:\.\d+)?\s*(?:[KMGT]i?)?B$/i, 'must be a size such as 256MB or 1GiB')
  .transform(toBytes);

/** A variable that is set to nothing is how compose files say "not set". */
const blank = (value: unknown) => (value === '' ? undefined : value);

/** Of Temporal a profile says no more: where the server is stands in the environment, or in temporal.toml. */
const temporal = strict({
  namespace: z.preprocess(blank, text.nullish()).transform((name) => name ?? undefined),
}).optional();

/** Where SQL that came in with a memory, or a slip, would do the most harm; dev stays open to look around in. */
const HARDENED = ['prod', 'test'];

/** The variables that count where the profile says nothing. */
export const LLM_VARIABLES = { url: 'OLLAMA_URL', generate: 'OLLAMA_MODEL', embed: 'OLLAMA_EMBED_MODEL' } as const;

/** The fields of `pipeline.llm`. */
export function llmShape(env: Environment) {
  const model = (name: string, fallback: string | null) =>
    z.preprocess(blank, text.nullable().default(fromVariable(env, name, fallback)));
  const url = z.preprocess(
    blank,
    z
      .string()
      .refine(isHttp, {
        error: ({ input }) =>
          describe(env, LLM_VARIABLES.url, input, 'must be an address such as http://127.0.0.1:11434'),
        abort: true,
      })
      // Refused as libpq refuses it: taken as it stands, s3cr%et would work and s3cr%21 be another password.
      .refine(hasReadableUser, {
        error: ({ input }) =>
          describe(env, LLM_VARIABLES.url, input, 'must have %25 for each % of its user name and password'),
      })
      .nullable()
      .prefault(fromVariable(env, LLM_VARIABLES.url, null)),
  );
  return {
    url,
    generate: model(LLM_VARIABLES.generate, null),
    extract: z.preprocess(blank, text.nullable().default(null)),
    embed: model(LLM_VARIABLES.embed, 'all-minilm'),
    cache: size.prefault('256MB'),
    parallel: z.int().min(1).max(64).default(4),
    // fetch gives up by itself when no answer has begun after 300 s.
    timeout: z.number().min(1).max(290).default(120),
    num_ctx: z.int().min(512).max(1_048_576).default(8192),
    budget: strict({
      calls: z.int().min(0).default(1000),
      tokens: z.int().min(0).default(4_000_000),
      seconds: z.int().min(0).default(3600),
    }).prefault({}),
  };
}

function fromVariable<T>(env: Environment, name: string, fallback: T): string | T {
  return fromEnvironment(env, name) || fallback;
}

function pipelineSchema(env: Environment, target: string) {
  return strict({
    source: source.prefault({}),
    llm: strict(llmShape(env))
      .prefault({})
      .transform((llm) => ({ ...llm, extract: llm.extract ?? llm.generate })),
    temporal,
    timezone: z.preprocess(
      blank,
      text
        .refine(isTimezone, {
          error: ({ input }) =>
            describe(
              env,
              'BIOLOGICAL_MEMORY_TIMEZONE',
              input,
              'must be an IANA time zone such as Europe/Berlin or UTC',
            ),
        })
        .transform(canonicalTimezone)
        .prefault(fromVariable(env, 'BIOLOGICAL_MEMORY_TIMEZONE', 'UTC')),
    ),
    hardened: z.boolean().default(HARDENED.includes(target)),
    parameters: strict(parametersSchema.shape).prefault({}),
  }).prefault({});
}

/**
 * The output's `pipeline:` block with its defaults filled in. Unlike the rest of the output nothing unknown is let pass: what
 * is ours can be told apart from a slip. Throws ConfigurationError.
 */
export function checkPipeline(location: Location, rendered: Mapping, env: Environment): Pipeline {
  const path = [...location.path, 'pipeline'];
  const block = member(rendered, 'pipeline') ?? undefined;
  const pipeline = check(pipelineSchema(env, location.target), location.document, path, block);
  const named = member(member(block, 'source'), 'attachment');
  const aliases = attachedAliases(rendered);
  if (typeof named === 'string' && !aliases.includes(named)) {
    const has = aliases.length > 0 ? `the aliases are ${aliases.join(', ')}` : 'there is no attachment with an alias';
    throw location.document.fault(
      [...path, 'source', 'attachment'],
      `must be the alias of an attachment; ${has}, not "${named}"`,
    );
  }
  return pipeline;
}

/**
 * `pipeline.temporal.namespace` of a target, by itself: to ask Temporal takes none of the other values, and none of the variables that
 * those are made of. Throws ConfigurationError.
 */
export function readNamespace({ document, path, output }: Location, variables: Variables): string | undefined {
  const at = [...path, 'pipeline', 'temporal'];
  const block = member(member(output, 'pipeline'), 'temporal') ?? undefined;
  return check(temporal, document, at, block && render(document, at, block, variables))?.namespace;
}

function attachedAliases(rendered: Mapping): string[] {
  const attach = member(rendered, 'attach');
  const items = Array.isArray(attach) ? attach : [];
  return items.map((item: unknown) => member(item, 'alias')).filter((alias) => typeof alias === 'string');
}

function toBytes(text: string): number {
  const [, count = '0', prefix = '', binary = ''] = /^([\d.]+)\s*([kmgt]?)(i?)/i.exec(text) ?? [];
  const exponent = ' kmgt'.indexOf(prefix.toLowerCase() || ' ');
  return Math.floor(Number(count) * (binary === '' ? 1000 : 1024) ** exponent);
}

function isHttp(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function hasReadableUser(text: string): boolean {
  const { username, password } = new URL(text);
  try {
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false;
  }
}

/** The person who set the variable may never have seen profiles.yml, and what a variable holds can be shown but for a password. */
function describe(env: Environment, name: string, value: unknown, wanted: string): string {
  if (value !== fromEnvironment(env, name)) return wanted;
  return `comes from the environment variable ${name} and ${wanted}, not ${hideUser(String(value))}`;
}

function isTimezone(name: string): boolean {
  // Newer versions of Node also take offsets such as +02:00, which know no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    resolveTimezone(name);
    return true;
  } catch {
    return false;
  }
}

/** `Europe/Berlin` for `europe/berlin`: Temporal's server looks zones up by the names of files. An alias stays one. */
function canonicalTimezone(name: string): string {
  const canonical = resolveTimezone(name);
  return canonical.toLowerCase() === name.toLowerCase() ? canonical : name;
}

function resolveTimezone(name: string): string {
  return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
}
