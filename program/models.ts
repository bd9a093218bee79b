import type { Models } from '../llm-sql/calls.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Context } from './context.ts';

/** The models of a profile, opened and not yet asked: none is loaded before somebody asks it. */
export async function openModels(
  { env, report }: Context,
  profile: Profile,
  { command, signal }: { readonly command: string; readonly signal: AbortSignal },
): Promise<Models> {
  const { llm } = profile.pipeline;
  const [{ openOllama }, { openEmbeddingModel }, { findOnnx }] = await Promise.all([
    import('../llm/ollama.ts'),
    import('../llm/embedding-model.ts'),
    import('../downloads/onnx.ts'),
  ]);
  const model = llm.url === null ? null : openOllama(llm, signal);
  const find = (name: string) => findOnnx(name, { env, report: (line) => report(`${command}: ${line}`) });
  return { model, embedding: openEmbeddingModel(llm, model, find) };
}
