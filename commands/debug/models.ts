import type { Database } from '../../duckdb/database.ts';
import { findFunctions, generatesNothingOfNull } from '../../duckdb/inspect.ts';
import { redact } from '../../profiles/redact.ts';
import { listModels } from '../../services/ollama.ts';
import { CONNECT, fail, messageOf, originOf, pass, timed, within, type Check, type Subject } from './check.ts';

const SECTION = 'Language model';
/** The functions through which SQL reads text. */
const FUNCTIONS = ['llm_generate', 'llm_generate_json', 'llm_embed'];

/** Ollama and the models that the profile names. Not configured is well: rules read the text. */
export async function checkModels(subject: Subject): Promise<Check[]> {
  const { profile, context, hide } = subject;
  const { url, generate, extract, embed } = profile.pipeline.llm;
  const origin = originOf(context.location, 'pipeline', 'llm', 'url');
  if (url === null) return [pass(SECTION, 'Ollama', 'not configured', { detail: 'rules read the text.' })];
  try {
    const models = await listModels(url, CONNECT * 1000);
    const detail = `${redact(url, context.env)}, ${String(models.length)} models`;
    return [
      pass(SECTION, 'Ollama', 'running', { detail, ...origin }),
      checkModel(subject, models, 'generate', generate),
      // Unless the profile names one, it is the one of `generate`.
      ...(extract === generate ? [] : [checkModel(subject, models, 'extract', extract)]),
      checkModel(subject, models, 'embed', embed),
    ];
  } catch (error) {
    return [
      fail(SECTION, 'Ollama', 'cannot be reached', {
        detail: hide(`${url}: ${messageOf(error)}`),
        ...origin,
        hint: `start it (ollama serve), correct ${origin.variable ?? 'the url'}, or leave it empty: then rules read the text.`,
      }),
    ];
  }
}

function checkModel(
  subject: Subject,
  models: readonly string[],
  role: 'generate' | 'extract' | 'embed',
  name: string | null,
): Check {
  const title = `model to ${role}`;
  const origin = originOf(subject.context.location, 'pipeline', 'llm', role);
  if (name === null)
    return pass(SECTION, title, 'not named', {
      detail: role === 'embed' ? 'memories are not embedded.' : 'rules do it.',
      ...origin,
    });
  // Ollama's own default for a name without a tag.
  if (models.includes(name.includes(':') ? name : `${name}:latest`))
    return pass(SECTION, title, 'found', { detail: name, ...origin });
  const there = models.length === 0 ? 'there is none' : `there are ${models.join(', ')}`;
  const detail = `${name} is not on that server; ${there}`;
  return fail(SECTION, title, 'missing', { detail, ...origin, hint: `ollama pull ${name}` });
}

/** Whether DuckDB has the functions, and one of them answers. */
export async function checkFunctions(scratch: Database): Promise<Check> {
  const name = 'functions in SQL';
  try {
    const found = await within(scratch.use((connection) => findFunctions(connection, FUNCTIONS)));
    const missing = FUNCTIONS.filter((each) => !found.includes(each));
    if (missing.length > 0) throw new Error(`${missing.join(', ')} is not registered with DuckDB`);
    const { value, ms } = await timed(() => scratch.use(generatesNothingOfNull));
    if (!value) throw new Error('llm_generate(null) is not NULL');
    return pass('Language model', name, 'registered', { detail: FUNCTIONS.join(', '), ms });
  } catch (error) {
    const hint = 'this is a fault of the program: please report it.';
    return fail('Language model', name, 'not registered', { detail: messageOf(error), hint });
  }
}
