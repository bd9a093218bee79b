import { describe, expect, it } from 'vitest';
import { compose, read, services, text } from './support/compose.ts';

const required = /^\$\{POSTGRES_PASSWORD:\?.+\}$/;

describe('docker-compose.yml', () => {
  it('brings up Temporal with its database and Web UI, the source database, Ollama and the worker', () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      ['ollama', 'postgres', 'temporal', 'temporal-postgres', 'temporal-ui', 'worker'].sort(),
    );
  });

  it.each(services)('%s has a health check', (_name, service) => {
    expect(service.healthcheck?.test[0]).toBe('CMD');
  });

  it.each(services)('%s publishes its ports on 127.0.0.1 only', (_name, service) => {
    for (const port of service.ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(services)('%s waits until what it depends on exists and is healthy', (_name, service) => {
    for (const [name, { condition }] of Object.entries(service.depends_on)) {
      expect(condition).toBe('service_healthy');
      expect(compose.services[name]?.healthcheck).toBeDefined();
    }
  });

  it.each(services)('%s keeps its data in a named volume that is declared', (_name, service) => {
    // A file of the project may be mounted beside it, to be read only.
    const data = service.volumes.filter((volume) => !/^\.\/.*:ro$/.test(volume));
    for (const volume of data) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
  });

  it.each(services)('%s is built here or pinned to a version', (_name, service) => {
    expect(service.build ?? service.image).toMatch(/^\.$|:\d+[\w.-]*$/);
  });

  it('holds no password: each is required from the environment', () => {
    const secrets = services.flatMap(([, { environment }]) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|PWD|SECRET|TOKEN/.test(name)),
    );
    expect(secrets.map(([name]) => name)).toEqual(['POSTGRES_PASSWORD', 'POSTGRES_PWD', 'POSTGRES_PASSWORD']);
    for (const [, value] of secrets) expect(value).toMatch(required);
    for (const [, password] of text.matchAll(/:\/\/[^:\s]+:(.+)@/g)) expect(password).toMatch(required);
  });

  it('gives the worker the three services under the names that the program reads', () => {
    expect(compose.services.worker?.environment).toMatchObject({
      TEMPORAL_ADDRESS: 'temporal:7233',
      POSTGRES_DB_URL: expect.stringMatching(/@postgres:5432\/memories$/),
      OLLAMA_URL: 'http://ollama:11434',
    });
  });

  it('uses no variable that .env.example does not list, and that file gives no secret', () => {
    const listed = new Map([...read('.env.example').matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)].map((m) => [m[1], m[2]]));
    const used = [...text.matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1]);
    expect([...listed.keys()]).toEqual(expect.arrayContaining(used));
    for (const name of ['POSTGRES_PASSWORD', 'POSTGRES_DB_URL', 'TEST_DATABASE_URL']) expect(listed.get(name)).toBe('');
  });
});

describe('Dockerfile', () => {
  it('runs the built worker as a user other than root', () => {
    const lines = read('Dockerfile').split('\n');
    expect(lines.filter((line) => line.startsWith('USER '))).toEqual(['USER node']);
    expect(lines.indexOf('USER node')).toBeLessThan(lines.findIndex((line) => line.startsWith('ENTRYPOINT')));
  });
});
