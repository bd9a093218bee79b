import { once } from 'node:events';
import net from 'node:net';

/** As many different ports of 127.0.0.1 as asked for, on which nothing listens now. */
export async function findFreePorts(count: number): Promise<number[]> {
  // All are held until the last is found, or the system might give the same one twice.
  const servers = Array.from({ length: count }, () => net.createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
