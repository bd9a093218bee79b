import { refoldHistory } from './refold.ts';
import { readCounts, type Step } from './step.ts';

/** Proposes far associations, confirms those that came true, and lets the others go after a month. */
export const associateDistantly: Step = {
  name: 'associateDistantly',
  prepare: refoldHistory,
  finish: async ({ run }) => {
    await run('rem.confirm');
    await run('rem.drop-unconfirmed');
    await run('rem.propose');
    return readCounts(await run('rem.count'));
  },
};
