import assert from 'node:assert/strict';
import { test } from 'node:test';

import { UntilOver } from '../../../src/connection/sending/until-over.ts';

test('a promise is settled as it says itself, or rejected by the end', async () => {
  const untilOver = new UntilOver();
  const done = untilOver.promise<number>((resolve) => resolve(7));
  const failed = untilOver.promise((_, reject) => reject(new Error('by itself')));
  const waiting = untilOver.promise(() => {});
  assert.equal(await done, 7);
  await assert.rejects(failed, /by itself/);
  untilOver.end();
  await assert.rejects(waiting, { code: 'ERR_NOT_OPEN' });
});

test('nobody has to await what the end rejects', async () => {
  const untilOver = new UntilOver();
  untilOver.end();
  untilOver.promise(() => {}).catch(() => {});
  untilOver.end();
});
