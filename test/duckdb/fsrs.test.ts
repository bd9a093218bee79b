import { expect, test } from 'vitest';
import { compareWithTsFsrs } from '../../bench/validation/ts-fsrs.ts';
import { openDatabase } from '../support/database.ts';

test('folding 2,000 random histories gives the stabilities and difficulties of ts-fsrs', async () => {
  expect(Math.max(...(await compareWithTsFsrs(await openDatabase(), 2_000)))).toBeLessThanOrEqual(1e-5);
});
