import { expect, test } from 'vitest';
import { connect } from '../../duckdb/database.ts';
import { retry } from '../../duckdb/retry.ts';
import { makeProfile } from '../support/database.ts';

/** An action that fails with each message in turn and then gives 'done'. */
function failing(...messages: string[]) {
  const waits: number[] = [];
  const lines: string[] = [];
  let calls = 0;
  const run = (attempts: number, exceptions: string[]) =>
    retry(
      'the file',
      async () => {
        const message = messages[calls++];
        if (message !== undefined) throw new Error(message);
        return 'done';
      },
      { attempts, exceptions, report: (line) => lines.push(line), pause: async (ms) => waits.push(ms) },
    );
  return { run, waits, lines, calls: () => calls };
}

test.each([
  ['IO Error: Could not set lock on file', 'IOException'],
  ['HTTP Error: 503', 'HTTPException'],
  ['Connection Error: gone', 'ConnectionException'],
  ['TransactionContext Error: Failed to commit', 'TransactionException'],
  ['Out of Memory Error: could not allocate', 'OutOfMemoryException'],
  ['Constraint Error: Duplicate key', 'ConstraintException'],
  ['Catalog Error: no such table', 'CatalogException'],
  ['Invalid Input Error: no', 'InvalidInputException'],
  ['Out of Range Error: no', 'OutOfRangeException'],
  ['Not implemented Error: no', 'NotImplementedException'],
  ['INTERRUPT Error: Interrupted!', 'InterruptException'],
])('%s is what dbt calls %s, and tried again under that name alone', async (message, name) => {
  expect(await failing(message).run(2, ['OtherException', name])).toBe('done');
  await expect(failing(message).run(2, ['OtherException', name.toLowerCase()])).rejects.toThrow(message);
});

test('a retryable exception is tried again after 1, 2 and 4 s, and each time is told', async () => {
  const { run, waits, lines } = failing('IO Error: a', 'IO Error: b', 'IO Error: c');
  expect(await run(4, ['IOException'])).toBe('done');
  expect(waits).toEqual([1_000, 2_000, 4_000]);
  expect(lines[0]).toBe('the file: IOException, trying again in 1 s (attempt 2 of 4)');
});

test('the last failure is thrown at once, without a wait that nothing follows', async () => {
  const { run, waits } = failing('IO Error: a', 'IO Error: b');
  await expect(run(2, ['IOException'])).rejects.toThrow('IO Error: b');
  expect(waits).toEqual([1_000]);
});

test.each([
  ['Catalog Error: other', ['IOException']],
  ['something else', ['IOException', '']],
  ['FATAL Error: the instance is gone', ['FatalException', 'IOException']],
  ['INTERNAL Error: assertion', ['InternalException']],
])('%s is not tried again', async (message, exceptions) => {
  const { run, calls } = failing(message);
  await expect(run(5, exceptions)).rejects.toThrow(message);
  expect(calls()).toBe(1);
});

test('connect_attempts of the profile hold for its attachments; without retries there is one attempt', async () => {
  const source = { path: 'postgresql://joe@127.0.0.1:1/memories', alias: 'source_memories', type: 'postgres' };
  const retries = { connect_attempts: 3, retryable_exceptions: ['IOException'] };
  for (const [given, expected] of [
    [{ retries }, [1_000, 2_000]],
    [{}, []],
  ] as const) {
    const waits: number[] = [];
    const pause = async (ms: number) => waits.push(ms);
    const opening = connect(makeProfile({ attach: [source], ...given }), () => undefined, { pause });
    await expect(opening).rejects.toThrow('attachment source_memories');
    expect(waits).toEqual(expected);
  }
});
