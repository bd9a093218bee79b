import path from 'node:path';
import { findMinilm, MINILM } from './minilm.ts';
import { findOnnxRuntime, type Finding } from './onnx-runtime.ts';

/** A model for onnxruntime, and that itself. */
export interface OnnxFound {
  readonly name: string;
  /** With model.onnx and tokenizer.json. */
  readonly folder: string;
  readonly runtime: string;
}

/** Finds or downloads all-MiniLM-L6-v2, or takes a folder of the user's; throws an Error that says why there is none. */
export async function findOnnx(name: string, finding: Finding): Promise<OnnxFound> {
  const model = async () => (name === MINILM ? findMinilm(finding) : path.resolve(name));
  const [folder, runtime] = await Promise.all([model(), findOnnxRuntime(finding)]);
  return { name: path.basename(name), folder, runtime };
}
