const IN_PROCESS = 'onnx:';

/** The model that embeds where no Ollama does, as a profile names it. */
export const OWN_EMBEDDER = `${IN_PROCESS}all-MiniLM-L6-v2`;

/** What the name of a model that runs in the worker itself means: a model that is known, or a folder; null for one of Ollama's. */
export function modelInProcess(name: string): string | null {
  return name.startsWith(IN_PROCESS) ? name.slice(IN_PROCESS.length) : null;
}
