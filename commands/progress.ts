import { Presets, SingleBar } from 'cli-progress';

/** A progress bar on stderr, only where a person is looking. */
export function createProgress(unit: string, total: number): { advance(note: string): void; stop(): void } {
  if (!process.stderr.isTTY || total === 0) return { advance: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    {
      format: `{bar} {value}/{total} ${unit}  {note}  {eta_formatted} left`,
      stream: process.stderr,
      clearOnComplete: true,
    },
    Presets.shades_grey,
  );
  bar.start(total, 0, { note: '' });
  return {
    advance: (note) => {
      bar.increment({ note });
    },
    stop: () => {
      bar.stop();
    },
  };
}
