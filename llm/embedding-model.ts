import { modelInProcess } from '../memory/model-name.ts';
import type { LlmSettings } from '../profiles/pipeline.ts';
import type { EmbeddingModel, Model } from './model.ts';
import { openOnnx, type OnnxFiles } from './onnx.ts';

/**
 * The model that a profile has embed its memories: one in this process, whose files `find` looks for when it is first asked, or
 * Ollama's; null when it names none, or Ollama's without an Ollama.
 */
export function openEmbeddingModel(
  { embed }: Pick<LlmSettings, 'embed'>,
  ollama: Model | null,
  find: (name: string) => Promise<OnnxFiles>,
): EmbeddingModel | null {
  if (embed === null) return null;
  const inProcess = modelInProcess(embed);
  return inProcess === null ? ollama : openOnnx(() => find(inProcess));
}
