import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { ConfigurationError } from '../memory/errors.ts';
import { describeGiven } from './check.ts';
import { Document } from './document.ts';
import type { Variables } from './functions.ts';
import { didYouMean } from './suggestion.ts';
import { render } from './template.ts';
import { isMapping, type Mapping, member, type Path, type Value, variable } from './value.ts';

/** Where to look, and what was asked for by name. */
export interface Request extends Variables {
  readonly profilesDir?: string | undefined;
  readonly profile?: string | undefined;
  readonly target?: string | undefined;
  readonly cwd: string;
}

/** One output of one profile, as it stands in the file: not rendered, not checked. */
export interface Location {
  readonly document: Document;
  readonly profile: string;
  readonly target: string;
  readonly path: Path;
  readonly output: Mapping;
  /** About what stands around the output. */
  readonly warnings: readonly string[];
}

const defaultProfile = 'biological_memory';

/**
 * Finds the output to use. The folder: `profilesDir`, DBT_PROFILES_DIR, cwd, ~/.dbt; the profile: `profile`, DBT_PROFILE,
 * dbt_project.yml, biological_memory; the target: `target`, DBT_TARGET, the profile's `target:`, default.
 * Throws ConfigurationError with the names that exist.
 */
export function locate(request: Request): Location {
  const { document, profile, body, outputs } = findOutputs(request);
  const target = targetName(request, document, profile, body);
  const path = [profile, 'outputs', target];
  const output = mapping(
    document,
    path,
    pick(document, path.slice(0, 2), outputs, 'target', target),
    'type, path, ...',
  );
  return { document, profile, target, path, output, warnings: surroundings(document, profile, body, request) };
}

function surroundings(document: Document, profile: string, body: Mapping, request: Request): string[] {
  const known = ['target', 'outputs'];
  const odd = Object.keys(body).filter((key) => !known.includes(key));
  const warnings = [
    ...odd
      .slice(0, 20)
      .map((key) => document.sentence([profile, key], `is unknown and ignored${didYouMean(key, known) || '.'}`)),
    ...misplaced(document),
  ];
  if (requestedTarget(request) !== undefined || member(body, 'target') != null) return warnings;
  return [...warnings, document.sentence([profile], 'has no target:, so its output "default" is used, as in dbt.')];
}

/** What is ours of an output, and has slipped to the top of the file. */
const OURS = ['pipeline', 'source', 'llm', 'parameters'];

/** To dbt whatever stands at the top is a profile; one that has no outputs is none, and nobody reads it. */
function misplaced(document: Document): string[] {
  const slipped = OURS.filter((key) => {
    const block = member(document.value, key);
    return block !== undefined && member(block, 'outputs') === undefined;
  });
  return slipped.map((key) => {
    const place = key === 'pipeline' ? 'outputs: <target>' : 'outputs: <target>: pipeline';
    return document.sentence([key], `is no profile and ignored: move it under ${place}: of the profile.`);
  });
}

/** The targets that the profile has, in the file's order. Throws ConfigurationError. */
export function listTargets(request: Request): string[] {
  return Object.keys(findOutputs(request).outputs);
}

function findOutputs(request: Request) {
  const document = Document.read(findFile(request), request.env);
  const profiles = mapping(document, [], document.value, 'profiles');
  const profile = profileName(request);
  const body = mapping(document, [profile], pick(document, [], profiles, 'profile', profile), 'target and outputs');
  const path = [profile, 'outputs'];
  const outputs = mapping(document, path, member(body, 'outputs'), 'one entry for each target');
  return { document, profile, body, outputs };
}

/** Where profiles.yml is looked for, in order. A folder that is named is the only one, as in dbt; parents are never searched. */
export function profileFolders({ profilesDir, env, cwd }: Pick<Request, 'profilesDir' | 'env' | 'cwd'>): string[] {
  const named = profilesDir ?? setting(env, 'PROFILES_DIR');
  const home = variable(env, 'HOME') || variable(env, 'USERPROFILE') || homedir();
  // The shell leaves a ~ alone in `--profiles-dir=~/x`, and so does whatever reads .env files.
  return named !== undefined ? [resolve(cwd, named.replace(/^~(?=$|\/)/, home))] : [resolve(cwd), join(home, '.dbt')];
}

/** Whether nothing names a profile: no folder, no name, no dbt project, and no profiles.yml where one is looked for. */
export function isWithoutProfile(request: Request): boolean {
  const { profilesDir, profile, env, cwd } = request;
  const named = profilesDir ?? setting(env, 'PROFILES_DIR') ?? profile ?? setting(env, 'PROFILE');
  const files = [
    join(resolve(cwd), 'dbt_project.yml'),
    ...profileFolders(request).map((folder) => join(folder, 'profiles.yml')),
  ];
  return named === undefined && !files.some((file) => existsSync(file));
}

/** The path of profiles.yml. */
function findFile(request: Request): string {
  const folders = profileFolders(request);
  const found = folders.map((folder) => join(folder, 'profiles.yml')).find((file) => existsSync(file));
  if (found) return found;
  throw new ConfigurationError(
    `profiles.yml not found in ${folders.join(' or ')}. Name its folder with --profiles-dir or DBT_PROFILES_DIR.`,
  );
}

function profileName(request: Request): string {
  return request.profile ?? setting(request.env, 'PROFILE') ?? projectProfile(request) ?? defaultProfile;
}

/** `profile:` in dbt_project.yml, for people who run dbt in the same folder. */
function projectProfile(request: Request): string | undefined {
  const file = join(resolve(request.cwd), 'dbt_project.yml');
  if (!existsSync(file)) return undefined;
  const document = Document.read(file, request.env);
  const name = render(document, ['profile'], member(document.value, 'profile') ?? null, request);
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function requestedTarget({ target, env }: Request): string | undefined {
  return target ?? setting(env, 'TARGET');
}

function targetName(request: Request, document: Document, profile: string, body: Mapping): string {
  const named = requestedTarget(request);
  if (named !== undefined) return named;
  const path = [profile, 'target'];
  const target = render(document, path, member(body, 'target') ?? 'default', request);
  if (typeof target === 'string') return target;
  throw document.fault(path, `must be the name of a target, not ${describeGiven(target, path)}`);
}

/** dbt's variables and their newer spelling; an empty one counts as not set. */
function setting(env: Request['env'], name: string): string | undefined {
  return variable(env, `DBT_${name}`) || variable(env, `DBT_ENGINE_${name}`) || undefined;
}

function pick(document: Document, path: Path, choices: Mapping, kind: 'profile' | 'target', name: string) {
  if (Object.hasOwn(choices, name)) return choices[name];
  const names = Object.keys(choices).filter((key) => kind === 'target' || key !== 'config');
  const has = names.length > 0 ? `it has ${names.slice(0, 20).join(', ')}` : 'it has none';
  const choose = kind === 'target' ? '--target or DBT_TARGET' : '--profile or DBT_PROFILE';
  throw document.fault(
    path,
    `has no ${kind} "${name}"; ${has}${didYouMean(name, names.slice(0, 200)) || '.'} Choose with ${choose}.`,
  );
}

function mapping(document: Document, path: Path, value: Value | undefined, content: string): Mapping {
  if (isMapping(value)) return value;
  if (value === null || value === undefined) throw document.fault(path, `is empty; it must hold ${content}`);
  throw document.fault(path, `is not a mapping but ${describeGiven(value, path)}; it must hold ${content}`);
}
