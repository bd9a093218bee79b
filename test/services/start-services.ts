import { startServices } from '../../services/services.ts';

// Run by tests as a process of its own: starts the services of the workspace argv[2], says so, and stays.
const workspace = process.argv[2] ?? '';
const services = await startServices({
  workspace,
  env: process.env,
  target: 'dev',
  report: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write(`${services.temporal.address}\n`);
setInterval(() => undefined, 60_000);
