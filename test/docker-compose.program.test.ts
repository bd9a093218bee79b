import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { namespaceOf } from '../client.ts';
import { loadProfile } from '../profiles/profile.ts';
import { compose, read, services } from './support/compose.ts';

// What docker-compose.yml and the Dockerfile say, held against the program, and one service against the other.
const ROOT = new URL('..', import.meta.url).pathname;
const dockerfile = read('Dockerfile');
const workspace = /^ENV .*BIOLOGICAL_MEMORY_DIR=(\S+)/m.exec(dockerfile)?.[1] ?? '';
const [command, flag, target = ''] = z.array(z.string()).parse(JSON.parse(/^CMD (.*)$/m.exec(dockerfile)?.[1] ?? '[]'));

/** The environment of the worker, filled in from the variables of a person. */
function environmentOfWorker(given: Record<string, string>): Record<string, string> {
  const fill = (value: string) =>
    value.replaceAll(/\$\{(\w+):([?-])([^}]*)\}/g, (_, variable: string, sign: string, rest: string) =>
      given[variable] ? given[variable] : sign === '-' ? rest : expect.unreachable(`${variable} is required`),
    );
  const written = Object.entries(compose.services['worker']?.environment ?? {});
  return Object.fromEntries(written.map(([key, value]) => [key, fill(String(value))]));
}

type Service = (typeof services)[number][1];

/** On what a service listens within the network of the containers. */
const listens = ({ ports, image = '' }: Service) => [
  ...ports.map((port) => port.split(':').at(-1)),
  ...(image.startsWith('postgres:') ? ['5432'] : []),
];

/** Every `host:port` of an environment; auto-setup of Temporal takes the two apart. */
function addressesIn(environment: Service['environment']): (readonly [key: string, host: string, port: string])[] {
  const { POSTGRES_SEEDS: host, DB_PORT: port, ...others } = environment;
  const seeds = host === undefined ? [] : [['POSTGRES_SEEDS', String(host), String(port)] as const];
  const found = Object.entries(others).flatMap(([key, value]) =>
    [...String(value).matchAll(/(?:^|\/\/|@)([\w-]+):(\d+)(?=\/|$)/g)].map(
      ([, at = '', on = '']) => [key, at, on] as const,
    ),
  );
  return [...seeds, ...found];
}

test('the worker that the image runs finds what it is given in the profile of its target', () => {
  expect([command, flag]).toEqual(['worker', '--target']);
  const given = { POSTGRES_PASSWORD: 'sesame', OLLAMA_MODEL: 'reader', OLLAMA_EMBED_MODEL: 'meaning' };
  const env = { ...environmentOfWorker(given), BIOLOGICAL_MEMORY_DIR: workspace };
  const profile = loadProfile({ profilesDir: ROOT, target, env, cwd: ROOT });
  expect(profile.attach.map(({ path }) => path)).toContain('postgresql://memories:sesame@postgres:5432/memories');
  expect(profile.pipeline.llm).toMatchObject({
    url: 'http://ollama:11434',
    generate: 'reader',
    embed: 'meaning',
  });
  // Kept in the volume.
  const mounts = compose.services['worker']?.volumes.map((volume) => volume.split(':')[1]);
  expect(mounts).toContain(workspace);
  expect(profile.path).toBe(`${workspace}/${target}.duckdb`);
});

test('without the variables of a person rules read, and what embeds is the default of the program', () => {
  const env = environmentOfWorker({ POSTGRES_PASSWORD: 'sesame' });
  const { llm } = loadProfile({ profilesDir: ROOT, target, env, cwd: ROOT }).pipeline;
  const bare = loadProfile({ profilesDir: ROOT, target, env: { ...env, OLLAMA_EMBED_MODEL: '' }, cwd: ROOT });
  expect([llm.generate, llm.embed]).toEqual([null, bare.pipeline.llm.embed]);
});

test.each(services)('%s looks for its neighbours where they listen, and waits for them', (_name, service) => {
  for (const [key, host, port] of addressesIn(service.environment)) {
    const neighbour = compose.services[host];
    if (neighbour === undefined || neighbour === service) continue;
    expect(listens(neighbour), key).toContain(port);
    expect(Object.keys(service.depends_on), key).toContain(host);
  }
});

test('every part of Temporal has the namespace of the target, kept as long as the program would keep it', () => {
  const { temporal, 'temporal-ui': ui } = compose.services;
  const namespace = namespaceOf(target);
  expect(temporal?.environment).toMatchObject({ DEFAULT_NAMESPACE: namespace, DEFAULT_NAMESPACE_RETENTION: '2160h' });
  expect(ui?.environment).toMatchObject({ TEMPORAL_DEFAULT_NAMESPACE: namespace });
  expect(temporal?.healthcheck?.test).toContain(namespace);
});

test('each health check of a database asks as a user that the database has', () => {
  for (const [name, { environment, healthcheck }] of services.filter(([, { image }]) => image?.startsWith('postgres:')))
    expect(healthcheck?.test, name).toContain(`--username=${String(environment['POSTGRES_USER'])}`);
});

test('each file of the project that is mounted is there, and no volume is declared for nothing', () => {
  const volumes = services.flatMap(([, service]) => service.volumes.map((volume) => volume.split(':')[0] ?? ''));
  for (const file of volumes.filter((volume) => volume.startsWith('.')))
    expect(existsSync(ROOT + file), file).toBe(true);
  expect(volumes).toEqual(expect.arrayContaining(Object.keys(compose.volumes)));
});

test.runIf(process.platform === 'linux')(
  "the worker's health check sees a connection to Temporal's port, and misses one that is not there",
  async () => {
    const [, grep = '', ...args] = compose.services['worker']?.healthcheck?.test ?? [];
    const port = Number(new URL(`http://${String(compose.services['worker']?.environment['TEMPORAL_ADDRESS'])}`).port);
    const hex = (value: number) => value.toString(16).toUpperCase().padStart(4, '0');
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const own = (server.address() as AddressInfo).port;
    // On a port that is free here.
    const look = () =>
      execFileSync(
        grep,
        args.map((arg) => arg.replace(hex(port), hex(own))),
      );
    expect(args.join(' ')).toContain(hex(port));
    expect(look).toThrow();
    const socket = connect(own, '127.0.0.1');
    await once(socket, 'connect');
    expect(look).not.toThrow();
    socket.destroy();
    server.close();
  },
);
