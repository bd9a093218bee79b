import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ConfigurationError, ServiceError } from '../../memory/errors.ts';
import { configuredPostgres } from '../../services/configured-postgres.ts';
import { chooseNamespace, configuredTemporal } from '../../services/configured.ts';
import { describeServices, startServices } from '../../services/services.ts';
import { shareServices } from '../support/services.ts';
import { freshWorkspace, plainEnv, SILENT } from './support.ts';

const failure = async (workspace: string, env: NodeJS.ProcessEnv, target: 'dev' | 'test' = 'dev') => {
  const began = Date.now();
  const options = { workspace, env: { ...plainEnv, ...env }, target, report: () => undefined };
  const error = await startServices(options).catch((each: unknown) => each);
  expect(error).toBeInstanceOf(ServiceError);
  expect(Date.now() - began).toBeLessThan(10_000);
  return (error as ServiceError).message;
};

test('a configured Temporal that is silent is an error with address and variable', { timeout: 15_000 }, async () => {
  const message = await failure(await freshWorkspace(), { TEMPORAL_ADDRESS: SILENT });
  expect(message).toMatch(
    /^Temporal cannot be reached at 127\.0\.0\.1:1 \(TEMPORAL_ADDRESS\): .*unset it to use the embedded one/,
  );
});

test('a configured PostgreSQL that is silent is an error with address and variable, without password', async () => {
  const workspace = await freshWorkspace();
  const message = await failure(workspace, { TEST_DATABASE_URL: `postgres://me:s3cr3t@${SILENT}/db` }, 'test');
  expect(message).toMatch(
    /^PostgreSQL cannot be reached at postgres:\/\/me:\*\*\*\*\*@127\.0\.0\.1:1\/db \(TEST_DATABASE_URL\): .*ECONNREFUSED/,
  );
});

test.each([
  ['postgres://me:s3cr3t@no-such-host.invalid/db'],
  ['postgres://me:s3cr3t@ [not a url'],
  ['host=127.0.0.1 port=1 password=s3cr3t'],
])('the password does not show in the error for %s', async (url) => {
  const message = await failure(await freshWorkspace(), { POSTGRES_DB_URL: url });
  expect(message).toContain('(POSTGRES_DB_URL)');
  expect(message).not.toContain('s3cr3t');
});

test.each([
  [
    'a wrong password',
    (url: URL) => (url.password = 'wr0ng-one'),
    /refuses the login \(password authentication failed for user "biological_memory"\): correct the user or password in POSTGRES_DB_URL\.$/,
  ],
  [
    'a role that is not there',
    (url: URL) => (url.username = 'nobody'),
    /refuses the login \(.*"nobody".*\): correct the user or password in POSTGRES_DB_URL\.$/,
  ],
  [
    'no password',
    (url: URL) => (url.password = ''),
    /asks for a password, and POSTGRES_DB_URL has none: write it there\.$/,
  ],
  [
    'a database that is not there',
    (url: URL) => (url.pathname = '/nowhere'),
    /has no such database \(database "nowhere" does not exist\): correct its name in POSTGRES_DB_URL\.$/,
  ],
])('a PostgreSQL that answers and refuses %s says what to correct', async (_, spoil, said) => {
  const url = new URL((await shareServices()).postgres.url);
  const { host } = url;
  spoil(url);
  const workspace = await freshWorkspace();
  const message = await failure(workspace, { POSTGRES_DB_URL: url.href });
  expect(message).toMatch(said);
  expect(message.startsWith(`PostgreSQL at ${host}/`)).toBe(true);
  expect(message).not.toMatch(/wr0ng-one|unset/);
  const env = { ...plainEnv, POSTGRES_DB_URL: url.href };
  const status = await describeServices({ workspace, env, target: 'dev', report: () => undefined });
  expect(status.postgres).toMatchObject({ state: 'refusing', reason: message });
});

test('an address that cannot be read is to be corrected, in whole sentences', async () => {
  const message = await failure(await freshWorkspace(), { POSTGRES_DB_URL: `postgresql://me:50%off@${SILENT}/db` });
  expect(message).toMatch(/with % of a password written as %25\. Correct POSTGRES_DB_URL\.$/);
});

test('each target has its own variable', () => {
  const env = { POSTGRES_DB_URL: 'postgres://a/b' };
  expect(configuredPostgres(env, 'prod')).toMatchObject({ by: 'POSTGRES_DB_URL', url: 'postgres://a/b' });
  expect(configuredPostgres(env, 'test')).toBeNull();
});

test('where a file gives the address, its variable is the one to correct', async () => {
  const file = path.join(await freshWorkspace(), 'url');
  await writeFile(file, 'postgres://a/b\n');
  expect(configuredPostgres({ POSTGRES_DB_URL_FILE: file }, 'dev')).toMatchObject({
    by: 'POSTGRES_DB_URL_FILE',
    url: 'postgres://a/b',
  });
});

test('a profile of temporal.toml configures Temporal, and the variable goes before it', async () => {
  const file = path.join(await freshWorkspace(), 'temporal.toml');
  await writeFile(file, '[profile.default]\naddress = "one:7233"\n[profile.work]\naddress = "two:7233"\n');
  const env = { TEMPORAL_CONFIG_FILE: file };
  expect(configuredTemporal(env)).toMatchObject({ address: 'one:7233', by: 'temporal.toml, profile default' });
  expect(configuredTemporal({ ...env, TEMPORAL_PROFILE: 'work' })).toMatchObject({ address: 'two:7233' });
  expect(configuredTemporal({ ...env, TEMPORAL_ADDRESS: 'three:7233' })).toMatchObject({ by: 'TEMPORAL_ADDRESS' });
  expect(() => configuredTemporal({ ...env, TEMPORAL_PROFILE: 'none' })).toThrow(ConfigurationError);
  expect(configuredTemporal(plainEnv)).toBeNull();
});

test('the namespace is the profile’s, else TEMPORAL_NAMESPACE, else of temporal.toml, else the target’s own', async () => {
  const file = path.join(await freshWorkspace(), 'temporal.toml');
  await writeFile(
    file,
    '[profile.default]\nnamespace = "of-toml"\n[profile.work]\nnamespace = "of-work"\n[profile.bare]\n',
  );
  const toml = { TEMPORAL_CONFIG_FILE: file };
  const named = { ...toml, TEMPORAL_NAMESPACE: 'team.acct1' };
  expect(chooseNamespace(named, 'prod', 'ours')).toEqual({ name: 'ours', by: 'pipeline.temporal.namespace' });
  expect(chooseNamespace(named, 'prod', undefined)).toEqual({ name: 'team.acct1', by: 'TEMPORAL_NAMESPACE' });
  const ofToml = { name: 'of-toml', by: 'temporal.toml, profile default' };
  expect(chooseNamespace(toml, 'prod', undefined)).toEqual(ofToml);
  // Set to nothing is how compose files say "not set".
  expect(chooseNamespace({ ...toml, TEMPORAL_NAMESPACE: '' }, 'prod', undefined)).toEqual(ofToml);
  const work = { name: 'of-work', by: 'temporal.toml, profile work' };
  expect(chooseNamespace({ ...toml, TEMPORAL_PROFILE: 'work' }, 'prod', undefined)).toEqual(work);
  const own = { name: 'biological-memory-prod', by: null };
  expect(chooseNamespace({ ...toml, TEMPORAL_PROFILE: 'bare' }, 'prod', undefined)).toEqual(own);
  expect(chooseNamespace(plainEnv, 'prod', undefined)).toEqual(own);
  expect(() => chooseNamespace({ ...toml, TEMPORAL_PROFILE: 'none' }, 'prod', undefined)).toThrow(ConfigurationError);
});
