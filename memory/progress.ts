/** How far a cycle is that stands for many nights. */
export interface Progress {
  readonly lived: number;
  /** All that the cycle stands for. */
  readonly days: number;
  /** The day of the last night that was lived. */
  readonly night: string;
}

/** How a person is told of it. */
export function describeProgress({ lived, days, night }: Progress): string {
  return `lives the nights that have passed: ${String(lived)} of ${String(days)}, up to ${night}`;
}
