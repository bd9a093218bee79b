import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { prepareNamespace } from '../../services/namespaces.ts';
import { biomem, biomemJson } from '../support/biomem.ts';
import { debug, makeProfile } from '../support/debug.ts';
import { openNamespace, type TestNamespace } from '../support/services.ts';

/** The namespace of the target, as `services status` and the cycles tell it. */
interface Told {
  readonly namespace: unknown;
}

let temporal: TestNamespace;
beforeAll(async () => {
  temporal = await openNamespace();
  return () => temporal.connection.close();
});

const missing = (): string => `team.${randomUUID().slice(0, 8)}`;

test('TEMPORAL_NAMESPACE is asked, and said', async () => {
  const { folder, workspace } = makeProfile({});
  const { address, namespace } = temporal;
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const place = ['--profiles-dir', folder];
  const by = 'TEMPORAL_NAMESPACE';

  const status = await biomem(['cycle', 'status', '--json', ...place], { workspace, env });
  expect(JSON.parse(status.stdout)).toEqual({ cycles: [], namespace });
  expect(status.stderr).toBe(`Temporal: namespace ${namespace} (${by}) at ${address}`);
  const run = await biomem(['cycle', 'run', ...place], { workspace, env });
  expect(run.stderr).toContain(`no worker serves namespace ${namespace}; start one with: biomem worker`);

  const services = ['services', 'status', ...place];
  expect(await biomemJson<Told>(services, { workspace, env })).toMatchObject({ namespace: { name: namespace, by } });
  expect((await biomem(services, { workspace, env })).stdout).toContain(`  namespace ${namespace} (${by})\n`);
  const { check } = await debug({ folder, workspace }, env);
  expect(check('namespace')).toMatchObject({ name: `namespace ${namespace} (${by})`, verdict: 'found' });
});

test('temporal.toml is asked, and the profile before both', async () => {
  const { address, namespace } = temporal;
  const { folder, workspace } = makeProfile({ pipeline: { temporal: { namespace: "{{ env_var('TEAM') }}" } } });
  const plain = makeProfile({});
  const file = join(folder, 'temporal.toml');
  writeFileSync(file, `[profile.default]\naddress = "${address}"\nnamespace = "${namespace}"\n`);
  const told = async (profiles: string, env: NodeJS.ProcessEnv) =>
    (await biomemJson<Told>(['cycle', 'status', '--profiles-dir', profiles], { workspace, env })).namespace;
  expect(await told(plain.folder, { TEMPORAL_CONFIG_FILE: file })).toBe(namespace);
  const others = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: missing() };
  expect(await told(folder, { ...others, TEAM: namespace })).toBe(namespace);
});

test('a named namespace that is not there is told, with who named it, and nothing is made', async () => {
  const { folder, workspace } = makeProfile({});
  const { address, connection } = temporal;
  const namespace = missing();
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  for (const command of ['cycle status', 'cycle run']) {
    const { code, stdout, stderr } = await biomem([...command.split(' '), '--profiles-dir', folder], {
      workspace,
      env,
    });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      `Temporal at ${address} has no namespace ${namespace} (TEMPORAL_NAMESPACE). biomem up, or biomem worker, makes it; or correct TEMPORAL_NAMESPACE.`,
    );
  }
  await expect(connection.workflowService.describeNamespace({ namespace })).rejects.toThrow(/not found/);
});

test('what is made for a target keeps its histories as long, whatever it is called', async () => {
  const { connection } = temporal;
  const days = async (namespace: string) => {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
  };
  const namespace = missing();
  expect(await prepareNamespace({ connection, namespace, target: 'prod' })).toBe(true);
  expect(await prepareNamespace({ connection, namespace, target: 'prod' })).toBe(false);
  expect(await days(namespace)).toBe(90);
});
