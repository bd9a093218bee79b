import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

/** Another process that has the file open. */
export async function hold(file: string): Promise<number> {
  const script = fileURLToPath(new URL('../duckdb/hold-database.ts', import.meta.url));
  const child = execa('node', ['--import', 'tsx', script, file], { reject: false });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child;
  });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  return child.pid ?? 0;
}
