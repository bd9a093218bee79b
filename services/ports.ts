import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import getPort, { clearLockedPorts, portNumbers } from 'get-port';

/** By purpose, such as `grpc` and `ui`. */
export type Ports<Purpose extends string = string> = Readonly<Record<Purpose, number>>;

export interface ChooseOptions<Purpose extends string> {
  /** Where programs and people expect the server. */
  readonly usual: Ports<Purpose>;
  /** Where it listened last. */
  readonly remembered?: Readonly<Partial<Record<string, number>>>;
  /** Ports not to take, though they may look free. */
  readonly refused?: Iterable<number>;
  /** The first port that the system may give to any outgoing connection. */
  readonly ephemeralFrom?: number;
}

/**
 * A port for each purpose, on which nobody listens now: the remembered one, else the usual one, else the next free one
 * below those that the system gives to outgoing connections. A faster process may still take it before it is bound.
 */
export async function choosePorts<Purpose extends string>(options: ChooseOptions<Purpose>): Promise<Ports<Purpose>> {
  const { usual, remembered = {}, refused = [], ephemeralFrom = await findEphemeral() } = options;
  const ports: Record<Purpose, number> = { ...usual };
  const exclude = new Set(refused);
  for (const purpose of Object.keys(usual) as Purpose[]) {
    const kept = remembered[purpose];
    ports[purpose] =
      kept !== undefined && !exclude.has(kept) && (await staysFree(kept))
        ? kept
        : await findFree(usual[purpose], ephemeralFrom, exclude);
    exclude.add(ports[purpose]);
  }
  return ports;
}

/** A start of another workspace looks at ports by listening on them for a moment: one look is no proof. */
async function staysFree(port: number): Promise<boolean> {
  for (let look = 1; look <= 3; look += 1) {
    clearLockedPorts();
    if ((await getPort({ port })) === port) return true;
    await delay(50);
  }
  return false;
}

async function findFree(usual: number, ephemeralFrom: number, exclude: Iterable<number>): Promise<number> {
  // get-port does not give a port twice within half a minute; a server that is stopped and started wants its own back.
  clearLockedPorts();
  // A system that hands out even the usual ones leaves nothing below.
  const last = ephemeralFrom > usual ? ephemeralFrom - 1 : 65_535;
  return getPort({ port: portNumbers(usual, last), exclude });
}

async function findEphemeral(): Promise<number> {
  if (process.platform !== 'linux') return 49_152;
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '');
  return Number.parseInt(range, 10) || 32_768;
}
