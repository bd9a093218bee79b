import { report } from 'node:process';

export interface Platform {
  readonly os: NodeJS.Platform;
  readonly arch: string;
  /** True on Linux with musl instead of glibc (Alpine). */
  readonly musl: boolean;
}

export function thisPlatform(): Platform {
  return { os: process.platform, arch: process.arch, musl: process.platform === 'linux' && !hasGlibc() };
}

function hasGlibc(): boolean {
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}

const ARCHITECTURES: Readonly<Record<string, RegExp>> = {
  'linux x64': /linux\w*_x86_64$/,
  'linux arm64': /linux\w*_aarch64$/,
  'darwin x64': /^macosx_\w+_(x86_64|universal2)$/,
  'darwin arm64': /^macosx_\w+_(arm64|universal2)$/,
  'win32 x64': /^win_amd64$/,
  'win32 arm64': /^win_arm64$/,
  'win32 ia32': /^win32$/,
};

/**
 * How well a wheel's file name fits: 2 made for this platform, 1 for any, 0 not at all.
 * A name ends in `-<python>-<abi>-<platform>.whl`; several platforms are joined by dots.
 */
export function fit(wheel: string, { os, arch, musl }: Platform): number {
  const [python = '', abi, platforms = ''] = wheel
    .replace(/\.whl$/, '')
    .split('-')
    .slice(-3);
  // Wheels bound to one Python version hold Python modules, not the files that are wanted here.
  if (!python.includes('py3') || abi !== 'none') return 0;
  const tags = platforms.split('.');
  if (tags.includes('any')) return 1;
  const pattern = ARCHITECTURES[`${os} ${arch}`];
  const library = musl ? /^(musl)?linux/ : /^(manylinux|linux|macosx|win)/;
  return tags.some((tag) => pattern?.test(tag) && library.test(tag)) ? 2 : 0;
}
