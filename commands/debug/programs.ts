import { fail, oneLine, pass, type Check } from './check.ts';

const SECTION = 'Required dependencies';

/** What has to be on the machine. Of Temporal only the CLI, and that only where no server is configured. */
export async function checkPrograms(env: NodeJS.ProcessEnv, configured: boolean): Promise<Check[]> {
  const { duckdbVersion } = await import('../../duckdb/inspect.ts');
  return [
    pass(SECTION, 'node', 'found', { detail: process.versions.node }),
    pass(SECTION, 'duckdb', 'found', { detail: duckdbVersion() }),
    ...(configured ? [] : [await checkTemporal(env)]),
  ];
}

async function checkTemporal(env: NodeJS.ProcessEnv): Promise<Check> {
  const { lookForTemporal } = await import('../../services/temporal-binary.ts');
  const hint = 'correct TEMPORAL_CLI_PATH, or unset it to let one be found.';
  try {
    const found = await lookForTemporal({ env, report: () => undefined });
    if (found === null)
      return pass(SECTION, 'temporal', 'not here yet', { detail: 'biomem up gets it once (about 45 MB).' });
    return pass(SECTION, 'temporal', 'found', { detail: `${found.version} at ${found.path}` });
  } catch (error) {
    return fail(SECTION, 'temporal', 'not found', { detail: oneLine(error), variable: 'TEMPORAL_CLI_PATH', hint });
  }
}
