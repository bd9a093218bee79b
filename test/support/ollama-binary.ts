import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, keep } from '../../downloads/cache.ts';

/** The newest version that Go's module proxy alone suffices to build. */
const VERSION = '0.6.5';

/**
 * The path of an Ollama server that is built once and kept in the per-user cache: one to two minutes on two idle cores, the
 * next time nothing. Throws when there is no Go, or the build fails.
 */
export async function buildOllama(report: (line: string) => void): Promise<string> {
  const native = await hasAvx2();
  const name = `ollama-${VERSION}-${process.platform}-${process.arch}${native ? '-avx2' : ''}`;
  const folder = await keep(join(cacheFolder(), name), async (work) => {
    const { version } = await findGo();
    report(`Building Ollama ${VERSION} with ${version} into the cache (a few minutes, once)`);
    const bin = join(work, 'bin');
    await mkdir(bin);
    await install(bin, native);
    return bin;
  });
  return join(folder, process.platform === 'win32' ? 'ollama.exe' : 'ollama');
}

async function findGo(): Promise<{ version: string }> {
  const { stdout, failed } = await execa('go', ['env', 'GOVERSION'], { reject: false });
  if (failed) throw new Error('OLLAMA_URL is not set and there is no Go on PATH to build a server with');
  return { version: stdout };
}

async function install(bin: string, native: boolean): Promise<void> {
  // Ollama's own packagers compile a library for each processor; plain `go install` knows only the oldest.
  const flags = '-O3 -mavx2 -mfma -mf16c';
  const fast = {
    ...{ CGO_CFLAGS: flags, CGO_CXXFLAGS: flags },
    ...{ CGO_CFLAGS_ALLOW: '.*', CGO_CXXFLAGS_ALLOW: '.*' },
  };
  const env = { GOBIN: bin, GOFLAGS: '-trimpath', ...(native ? fast : {}) };
  const { failed, stderr } = await execa('go', ['install', `github.com/ollama/ollama@v${VERSION}`], {
    env,
    reject: false,
    timeout: 30 * 60_000,
  });
  if (failed) throw new Error(`go install of Ollama ${VERSION} failed: ${stderr.trimEnd().split('\n').at(-1) ?? ''}`);
  await access(join(bin, process.platform === 'win32' ? 'ollama.exe' : 'ollama'));
}

/** With these instructions embeddings take a tenth of the time. */
async function hasAvx2(): Promise<boolean> {
  const flags = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return ['avx2', 'fma', 'f16c'].every((flag) => new RegExp(`^flags.*\\b${flag}\\b`, 'm').test(flags));
}
