/**
 * Called when a test file cannot have what it is about: says so in one line that stands out, or fails when
 * BIOLOGICAL_MEMORY_REQUIRE (names, comma-separated) has it, as in CI, where a test that is passed over is a failure.
 */
export function passOver(name: string, reason: string): void {
  const required = (process.env['BIOLOGICAL_MEMORY_REQUIRE'] ?? '').split(',').map((each) => each.trim());
  if (required.includes(name)) throw new Error(`BIOLOGICAL_MEMORY_REQUIRE has ${name}, but ${reason}`);
  process.stderr.write(`\n*** SKIPPED, no ${name}: ${reason}\n\n`);
}
