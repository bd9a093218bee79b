import { platform } from 'node:os';
import type { Command } from 'commander';
import type { TargetReport } from '../report/debug.ts';
import type { DebugOptions } from './debug/check.ts';
import { createRequest } from '../program/context.ts';
import { print, useColour, withSharedOptions } from './options.ts';

/** `biomem debug`: checks everything, worded like `dbt debug`. */
export function addDebug(program: Command): void {
  withSharedOptions(program.command('debug'))
    .description('check files, profile, extensions, secrets, attachments, settings, disk, services and models')
    .option('--connection', 'skip the checks of files and programs')
    .option('--config-dir', 'only say how to open the folder of profiles.yml')
    .addHelpText(
      'after',
      '\nIt starts, fetches and makes nothing. --target all checks every target in turn.' +
        '\nExit codes: 0 all checks passed, 1 a check failed, 2 wrong usage.' +
        '\n\nExample:\n  biomem debug --target prod',
    )
    .action((options: Omit<DebugOptions, 'version'>) => debug({ ...options, version: program.version() ?? '' }));
}

async function debug(options: DebugOptions): Promise<void> {
  const { describeFiles } = await import('./debug/configuration.ts');
  if (options.configDir === true) {
    printFolder(options, describeFiles(options).folder);
    return;
  }
  const [{ checkTarget }, { printTarget }] = await Promise.all([
    import('./debug/target.ts'),
    import('../report/debug.ts'),
  ]);
  const reports: TargetReport[] = [];
  for (const target of await chooseTargets(options))
    reports.push(await checkTarget({ ...options, ...(target !== undefined && { target }) }));
  const ok = reports.every(({ checks }) => checks.every(({ status }) => status !== 'error'));
  const look = { colour: useColour(), connection: options.connection ?? false };
  print(
    { json: options.json ?? false },
    { ok, targets: reports.map(({ target, checks }) => ({ target, checks })) },
    () => reports.map((report) => printTarget(report, look)).join('\n\n'),
  );
  if (!ok) process.exitCode = 1;
}

/** dbt's words. */
function printFolder({ json = false }: DebugOptions, folder: string): void {
  const open = { darwin: 'open', win32: 'start' }[platform() as string] ?? 'xdg-open';
  const command = `${open} ${folder}`;
  print({ json }, { ok: true, command }, () => `To view your profiles.yml file, run:\n\n${command}`);
}

/** `undefined` is the one that is chosen without --target. */
async function chooseTargets(options: DebugOptions): Promise<(string | undefined)[]> {
  if (options.target !== 'all') return [options.target];
  const { listTargets } = await import('../profiles/location.ts');
  try {
    return listTargets(createRequest(options).request);
  } catch {
    // The check of profiles.yml will say why.
    return [undefined];
  }
}
