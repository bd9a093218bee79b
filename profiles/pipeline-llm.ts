import { z } from 'zod';
import { modelInProcess, OWN_EMBEDDER } from '../memory/model-name.ts';
import { strict } from './check.ts';
import type { Environment } from './value.ts';
import { blank, fromVariable, naming } from './variable-field.ts';

const text = z.string().min(1);

/** The variables that count where the profile says nothing. */
export const LLM_VARIABLES = { url: 'OLLAMA_URL', generate: 'OLLAMA_MODEL', embed: 'OLLAMA_EMBED_MODEL' } as const;

/** The fields of `pipeline.llm`. docs/configuration.md is made from them. */
export function llmShape(env: Environment) {
  return {
    url: urlField(env),
    generate: modelField(env, LLM_VARIABLES.generate, null).describe(
      'The model that writes gists and insights, and reads memories and episodes unless `extract` is named. null: rules do both.',
    ),
    extract: z.preprocess(blank, text.nullable().default(null)).meta({
      description: 'The model that reads memories and episodes; it may be a smaller one.',
      standard: 'the model of `generate`',
    }),
    embed: embedField(env),
    cache: sizeField.prefault('256MB').meta({
      description:
        'How much the answers may take that are kept in the database for LLM functions in SQL; the least recently used go first.',
      unit: 'bytes, such as 256MB or 1GiB',
    }),
    parallel: z.int().min(1).max(64).default(4).meta({
      description: 'Calls under way at once. OLLAMA_NUM_PARALLEL of the server is the other half of it.',
      unit: 'calls',
    }),
    // fetch gives up by itself when no answer has begun after 300 s.
    timeout: z.number().min(1).max(290).default(120).meta({
      description: 'How long one call may take.',
      unit: 'seconds',
    }),
    num_ctx: z.int().min(512).max(1_048_576).default(8192).meta({
      description: 'Prompt and answer together. Several texts share a prompt as far as they fit.',
      unit: 'tokens',
    }),
    budget: strict({
      calls: z.int().min(0).default(1000).meta({ description: 'Calls to generate.', unit: 'calls' }),
      tokens: z.int().min(0).default(4_000_000).meta({ description: 'Prompts and answers together.', unit: 'tokens' }),
      seconds: z
        .int()
        .min(0)
        .default(3600)
        .meta({ description: 'Generating and embedding together.', unit: 'seconds' }),
    })
      .prefault({})
      .describe(
        'The most that one cycle takes of Ollama over all its steps. What is left over is read by rules, and by the model in the nights to come.',
      ),
  };
}

function urlField(env: Environment) {
  const name = LLM_VARIABLES.url;
  const address = z
    .string()
    .refine(isHttp, { error: naming(env, name, 'must be an address such as http://127.0.0.1:11434'), abort: true })
    // Refused as libpq refuses it: taken as it stands, s3cr%et would work and s3cr%21 be another password.
    .refine(hasReadableUser, { error: naming(env, name, 'must have %25 for each % of its user name and password') });
  return z.preprocess(blank, address.nullable().prefault(fromVariable(env, name, null))).meta({
    description: 'Address of an Ollama server. null: rules read the text.',
    variable: name,
  });
}

function embedField(env: Environment) {
  const name = LLM_VARIABLES.embed;
  const wanted = `must be null, a model of Ollama's, ${OWN_EMBEDDER}, or onnx: with the path of a folder`;
  // What is not known is meant to be a folder; one without a path would rather be a slip of the known name.
  const isKnown = (model: string) => modelInProcess(model) === null || model === OWN_EMBEDDER || /[\\/]/.test(model);
  const model = text.refine(isKnown, { error: naming(env, name, wanted) });
  return z.preprocess(blank, model.nullable().default(fromVariable(env, name, 'all-minilm'))).meta({
    description:
      `The model that embeds memories: one of Ollama's, or \`${OWN_EMBEDDER}\`, which runs in the worker itself, or \`onnx:/a/folder\` with ` +
      'a model.onnx and a tokenizer.json of your own. null: none is embedded, and none is associated by meaning alone.',
    standard: `\`all-minilm\`; without a \`url\`, \`${OWN_EMBEDDER}\``,
    variable: name,
  });
}

/** Without an Ollama none of its models can embed, whichever is named. */
export function chooseEmbedder({
  url,
  embed,
}: {
  readonly url: string | null;
  readonly embed: string | null;
}): string | null {
  return url === null && embed !== null && modelInProcess(embed) === null ? OWN_EMBEDDER : embed;
}

function modelField(env: Environment, name: string, fallback: string | null) {
  return z.preprocess(blank, text.nullable().default(fromVariable(env, name, fallback))).meta({ variable: name });
}

/** A size as DuckDB writes its own: KB is 1000 bytes, KiB 1024. */
const sizeField = z
  .string()
  .regex(/^\d+(?:\.\d+)?\s*(?:[KMGT]i?)?B$/i, 'must be a size such as 256MB or 1GiB')
  .transform(toBytes);

function toBytes(size: string): number {
  const [, count = '0', prefix = '', binary = ''] = /^([\d.]+)\s*([kmgt]?)(i?)/i.exec(size) ?? [];
  const exponent = ' kmgt'.indexOf(prefix.toLowerCase() || ' ');
  return Math.floor(Number(count) * (binary === '' ? 1000 : 1024) ** exponent);
}

function isHttp(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

function hasReadableUser(address: string): boolean {
  const { username, password } = new URL(address);
  try {
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false;
  }
}
