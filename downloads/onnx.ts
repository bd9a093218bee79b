import path from 'node:path';
import { exists } from './cache.ts';
import { findMinilm, MINILM, MINILM_SHA256, minilmFolder } from './minilm.ts';
import { findOnnxRuntime, runtimeFolder, type Finding } from './onnx-runtime.ts';

/** A model for onnxruntime, and that itself. */
export interface OnnxFound {
  /** Without the folders that it is in. */
  readonly name: string;
  /** With model.onnx and tokenizer.json. */
  readonly folder: string;
  readonly runtime: string;
  /** The SHA-256 of the model in hex, where it has been compared. */
  readonly sha256?: string;
}

/** Finds or downloads all-MiniLM-L6-v2, or takes a folder of the user's; throws an Error that says why there is none. */
export async function findOnnx(name: string, finding: Finding): Promise<OnnxFound> {
  const [folder, runtime] = await Promise.all([
    name === MINILM ? findMinilm(finding) : folderOf(name, finding.env),
    findOnnxRuntime(finding),
  ]);
  return { name: path.basename(name), folder, runtime, ...(name === MINILM && { sha256: MINILM_SHA256 }) };
}

/** Where `findOnnx` would look now, what it lacks of a folder of the user's, and whether it would download; it does neither. */
export async function lookForOnnx(
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly folder: string; readonly missing: readonly string[]; readonly downloads: boolean }> {
  const folder = folderOf(name, env);
  const absent = async (...files: string[]) => {
    const there = await Promise.all(files.map(exists));
    return files.filter((_, index) => there[index] !== true);
  };
  const missing = await absent(path.join(folder, 'model.onnx'), path.join(folder, 'tokenizer.json'));
  const needed = await absent(runtimeFolder(env), ...(name === MINILM ? [folder] : []));
  return { folder, missing: name === MINILM ? [] : missing, downloads: needed.length > 0 };
}

const folderOf = (name: string, env: NodeJS.ProcessEnv) => (name === MINILM ? minilmFolder(env) : path.resolve(name));
