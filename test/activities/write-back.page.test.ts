import { expect, test } from 'vitest';
import { z } from 'zod';
import { runFile } from '../../duckdb/statement.ts';
import { openLab } from '../support/lab.ts';

const NIGHT = '2026-03-02T03:00:00.000Z';
const NETWORK = new URL('../../activities/write-back.select-semantic-network.sql', import.meta.url);
const rowSchema = z.tuple([z.object({ key: z.string(), row: z.string() })]);

test('links are told apart where ids hold spaces, so that a page which ends between two of them leaves none out', async () => {
  const lab = await openLab();
  const ids = ['a', 'b c', 'a b', 'c'];
  await lab.write(...ids.map((id) => ({ id, at: '2026-03-01T10:00:00Z' })));
  await lab.live(NIGHT, ['ingestMemories', 'readFeatures']);
  await lab.rows(`insert into fate by name select memory_id, 'cortical_transfer' as fate, 'x' as why,
    '${NIGHT}'::timestamp as since, '${NIGHT}'::timestamp as changed_at from raw_memory`);
  await lab.rows(`insert into association by name select unnest(['a', 'a b']) as src, unnest(['b c', 'c']) as dst, 0.5 as w,
    1 as co_activation_count, '${NIGHT}'::timestamp as last_at, '${NIGHT}'::timestamp as changed_at`);

  const links: unknown[] = [];
  const bound = { ...lab.profile.pipeline.parameters, as_of: NIGHT, limit: 1 };
  for (let after = ''; links.length < 2;) {
    const page = await lab.database.use((connection) => runFile(connection, NETWORK, { ...bound, after }));
    const [{ key, row }] = rowSchema.parse(page);
    links.push(JSON.parse(row));
    after = key;
  }
  expect(links).toEqual([
    expect.objectContaining({ src: 'a b', dst: 'c' }),
    expect.objectContaining({ src: 'a', dst: 'b c' }),
  ]);
});
