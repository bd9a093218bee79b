import { lookForOnnx } from '../../downloads/onnx.ts';
import type { Database } from '../../duckdb/database.ts';
import { findFunctions, generatesNothingOfNull } from '../../duckdb/inspect.ts';
import type { LlmFunctions } from '../../llm-sql/functions.ts';
import { findModel, listModels, showModel } from '../../llm/server.ts';
import { modelInProcess } from '../../memory/model-name.ts';
import { parseServer, type Server } from '../../memory/server-address.ts';
import { originOfLlm } from '../../profiles/llm-origin.ts';
import { redact } from '../../profiles/redact.ts';
import { CONNECT, fail, oneLine, pass, timed, within, type Check, type Subject } from './check.ts';

const SECTION = 'Language model';
/** The functions through which SQL reads text. */
const FUNCTIONS = ['llm_generate', 'llm_generate_json', 'llm_embed'];

/** Ollama and the models that the profile names. Not configured is well: rules read the text. */
export async function checkModels(subject: Subject): Promise<Check[]> {
  const { profile, context, hide } = subject;
  const { url, generate, extract, embed } = profile.pipeline.llm;
  const origin = originOfLlm(context.location, 'url', context.variables);
  const inProcess = embed === null ? null : modelInProcess(embed);
  const own = inProcess === null ? [] : [await checkOwnEmbedder(subject, inProcess)];
  if (url === null) return [pass(SECTION, 'Ollama', 'not configured', { detail: 'rules read the text.' }), ...own];
  try {
    const server = parseServer(url);
    const models = await listModels(server, { timeout: CONNECT });
    const detail = `${redact(url, context.env)}, ${String(models.length)} models`;
    return [
      pass(SECTION, 'Ollama', 'running', { detail, ...origin }),
      await checkModel(subject, { server, models, role: 'generate', name: generate }),
      // Unless the profile names one, it is the one of `generate`.
      ...(extract === generate ? [] : [await checkModel(subject, { server, models, role: 'extract', name: extract })]),
      ...(inProcess === null ? [await checkModel(subject, { server, models, role: 'embed', name: embed })] : own),
    ];
  } catch (error) {
    return [
      fail(SECTION, 'Ollama', 'cannot be reached', {
        detail: hide(oneLine(error)),
        ...origin,
        hint: `start it (ollama serve), correct ${origin.variable ?? 'the url'}, or leave it empty: then rules read the text.`,
      }),
    ];
  }
}

/** The model in the worker that embeds, by what `onnx:` is followed by. Nothing is downloaded. */
async function checkOwnEmbedder({ context }: Subject, name: string): Promise<Check> {
  const title = 'model to embed';
  const origin = originOfLlm(context.location, 'embed', context.variables);
  const { folder, missing, downloads } = await lookForOnnx(name, context.env);
  if (missing.length > 0)
    return fail(SECTION, title, 'missing', {
      ...{ detail: `there is no ${missing.join(', and no ')}`, ...origin },
      hint: 'name a folder with a sentence-transformers model as model.onnx and its tokenizer.json there.',
    });
  const detail = downloads
    ? `${name}: the worker downloads what it needs when it starts.`
    : `${name}, in the worker, from ${folder}`;
  return pass(SECTION, title, downloads ? 'not here yet' : 'found', { detail, ...origin });
}

interface Wanted {
  readonly server: Server;
  /** Those that the server has. */
  readonly models: readonly { readonly name: string }[];
  readonly role: 'generate' | 'extract' | 'embed';
  readonly name: string | null;
}

async function checkModel(subject: Subject, { server, models, role, name }: Wanted): Promise<Check> {
  const title = `model to ${role}`;
  const origin = originOfLlm(subject.context.location, role, subject.context.variables);
  if (name === null)
    return pass(SECTION, title, 'not named', {
      detail: role === 'embed' ? 'memories are not embedded.' : 'rules do it.',
      ...origin,
    });
  if (findModel(models, name)) {
    // A model that writes can embed too, so that is not asked.
    const abilities = role === 'embed' ? null : (await showModel(server, name, { timeout: CONNECT })).capabilities;
    if (abilities?.includes('completion') !== false) return pass(SECTION, title, 'found', { detail: name, ...origin });
    const detail = `${name} cannot ${role}: Ollama says that it is for ${abilities.join(', ') || 'nothing'}, and not for completion`;
    return fail(SECTION, title, 'cannot generate', { detail, ...origin, hint: 'name another model there.' });
  }
  const there = models.length === 0 ? 'there is none' : `there are ${models.map((model) => model.name).join(', ')}`;
  const detail = `${name} is not on that server; ${there}`;
  return fail(SECTION, title, 'missing', { detail, ...origin, hint: `ollama pull ${name}` });
}

/** Whether DuckDB has the functions, and one of them answers. */
export async function checkFunctions(scratch: Database, functions: LlmFunctions): Promise<Check> {
  const name = 'functions in SQL';
  try {
    const found = await within(
      scratch.use((connection) => {
        functions.register(connection);
        return findFunctions(connection, FUNCTIONS);
      }),
    );
    const missing = FUNCTIONS.filter((each) => !found.includes(each));
    if (missing.length > 0) throw new Error(`${missing.join(', ')} is not registered with DuckDB`);
    const { value, ms } = await timed(() => scratch.use(generatesNothingOfNull));
    if (!value) throw new Error('llm_generate(null) is not NULL');
    return pass('Language model', name, 'registered', { detail: FUNCTIONS.join(', '), ms });
  } catch (error) {
    const hint = 'this is a fault of the program: please report it.';
    return fail('Language model', name, 'not registered', { detail: oneLine(error), hint });
  }
}
