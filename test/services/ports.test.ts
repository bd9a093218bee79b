import { once } from 'node:events';
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { choosePorts } from '../../services/ports.ts';

/** Ports from here on are nobody's usual ones, and each process that tests has its own. */
const BASE = 20_000 + (process.pid % 1_000) * 10;

async function listen(port: number, host = '127.0.0.1'): Promise<net.Server> {
  const server = net.createServer().listen({ port, host });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return server;
}

test('usual ports are taken where they are free', async () => {
  const usual = { grpc: BASE, ui: BASE + 5 };
  expect(await choosePorts({ usual })).toEqual(usual);
});

test.each(['127.0.0.1', '0.0.0.0', '::'])('the next free one is taken where somebody listens on %s', async (host) => {
  await listen(BASE, host);
  await listen(BASE + 1, host);
  expect(await choosePorts({ usual: { grpc: BASE, ui: BASE + 5 } })).toEqual({ grpc: BASE + 2, ui: BASE + 5 });
});

test('no port is taken twice, and none that was refused', async () => {
  const ports = await choosePorts({ usual: { one: BASE, other: BASE }, refused: [BASE + 1] });
  expect(ports).toEqual({ one: BASE, other: BASE + 2 });
});

test('the remembered port comes before the usual one, again and again', async () => {
  const options = { usual: { sql: BASE }, remembered: { sql: BASE + 7 } };
  for (let start = 1; start <= 3; start += 1) expect(await choosePorts(options)).toEqual({ sql: BASE + 7 });
});

test('a remembered port on which somebody listens is given up for the usual one', async () => {
  await listen(BASE + 7);
  expect(await choosePorts({ usual: { sql: BASE }, remembered: { sql: BASE + 7 } })).toEqual({ sql: BASE });
});

test('a remembered port that another start only looks at is kept', async () => {
  const look = await listen(BASE + 7);
  const chosen = choosePorts({ usual: { sql: BASE }, remembered: { sql: BASE + 7 } });
  await new Promise((resolve) => setImmediate(resolve));
  look.close();
  expect(await chosen).toEqual({ sql: BASE + 7 });
});

test('none is taken from those that the system gives to outgoing connections, unless it gives them all', async () => {
  await listen(BASE);
  const usual = { sql: BASE };
  // What is left to take is any that the system itself gives.
  expect((await choosePorts({ usual, ephemeralFrom: BASE + 1 })).sql).toBeGreaterThan(BASE + 1);
  expect(await choosePorts({ usual, ephemeralFrom: BASE + 2 })).toEqual({ sql: BASE + 1 });
  expect(await choosePorts({ usual, ephemeralFrom: 1_024 })).toEqual({ sql: BASE + 1 });
});
