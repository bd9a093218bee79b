import type { Models } from '../llm-sql/calls.ts';
import { modelInProcess } from '../memory/model-name.ts';
import type { Profile } from '../profiles/profile.ts';
import type { Context } from './context.ts';

interface ModelOptions {
  readonly command: string;
  readonly signal: AbortSignal;
  /** True: what is in the cache of a model in the process is compared with its digests already now, in other threads. */
  readonly soon?: boolean;
}

/** The models of a profile, opened and not yet asked: none is loaded, or downloaded, before somebody asks it. */
export async function openModels(
  { env, report }: Context,
  profile: Profile,
  { command, signal, soon = false }: ModelOptions,
): Promise<Models> {
  const { llm } = profile.pipeline;
  const [{ openEmbeddingModel }, { findOnnx, lookForOnnx }] = await Promise.all([
    import('../llm/embedding-model.ts'),
    import('../downloads/onnx.ts'),
  ]);
  const model = llm.url === null ? null : (await import('../llm/ollama.ts')).openOllama(llm, signal);
  let finding: ReturnType<typeof findOnnx> | undefined;
  const find = (name: string) => (finding ??= findOnnx(name, { env, report: (line) => report(`${command}: ${line}`) }));
  const name = llm.embed === null ? null : modelInProcess(llm.embed);
  // What fails of it fails again for who asks.
  if (soon && name !== null && !(await lookForOnnx(name, env)).downloads) find(name).catch(() => undefined);
  return { model, embedding: openEmbeddingModel(llm, model, find) };
}
