import path from 'node:path';
import { z } from 'zod';
import { download, estimate, fetchJson } from './http.ts';
import { fit, thisPlatform, type Platform } from './platform.ts';

const release = z.object({
  urls: z.array(
    z.object({
      filename: z.string(),
      url: z.url(),
      packagetype: z.string(),
      size: z.number(),
      digests: z.object({ sha256: z.string() }),
    }),
  ),
});

export type Wheel = z.infer<typeof release>['urls'][number];

/**
 * The best wheel for `platform` in a document of PyPI's JSON API. Throws when there is none, naming those there are.
 * @internal for its tests
 */
export function chooseWheel(document: unknown, platform: Platform): Wheel {
  const { urls } = release.parse(document);
  const [best] = urls
    .filter((file) => file.packagetype === 'bdist_wheel')
    .map((wheel) => ({ wheel, score: fit(wheel.filename, platform) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  if (best) return best.wheel;
  const names = urls.map(({ filename }) => filename).join(', ') || 'no files';
  throw new Error(`no wheel for ${platform.os} ${platform.arch} among ${names}`);
}

/** Downloads the wheel for this platform into `folder`, checks its digest, and returns its path. */
export async function downloadFromPypi(
  { project, version, index }: { project: string; version: string; index: string },
  folder: string,
  report: (line: string) => void,
): Promise<string> {
  const wheel = chooseWheel(await fetchJson(`${index}/pypi/${project}/${version}/json`), thisPlatform());
  report(`Downloading ${project} ${version} from ${new URL(wheel.url).host} (${estimate(wheel.size)})`);
  const file = path.join(folder, path.basename(wheel.filename));
  const sha256 = await download(wheel.url, file, () => undefined);
  if (sha256 === wheel.digests.sha256) return file;
  throw new Error(`${wheel.filename} has the sha256 ${sha256}, PyPI announced ${wheel.digests.sha256}`);
}
