import { cpus, totalmem } from 'node:os';

/** What a number was measured on; it stands beside every result. */
export function describeMachine() {
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}
