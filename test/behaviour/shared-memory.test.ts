import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';

import { connect } from '../../src/client/connect.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { serving } from '../server/serving.ts';

test('a frame whose connection is dropped over a limit is written into no other frame', async (context) => {
  const open = new Map<string, Connection>();
  const { url } = await serving(
    { '/:who': { open: (one: Connection) => void open.set(one.request.path, one) } },
    { compression: true, memoryBudget: { output: 200_010 } },
  );
  await connect(`${url}/first`, { compression: true });
  const other = await connect(`${url}/second`);
  const [first, second] = [open.get('/first'), open.get('/second')];
  assert.ok(first !== undefined && second !== undefined);
  const onLimit = (): void => {
    first.terminate();
    second.send('said when it was dropped');
  };
  subscribe('hawser:limit', onLimit);
  context.after(() => unsubscribe('hawser:limit', onLimit));
  // It waits to be compressed, and counts; the Ping goes past it, and over the limit.
  first.send('x'.repeat(200_000));
  await new Promise(setImmediate);
  void first.ping(Buffer.from('what only the first one is to know'));
  second.send('said at last');
  const heard = [];
  while (heard.at(-1) !== 'said at last') heard.push(await other.receive({ timeout: 5_000 }));
  assert.deepEqual(heard.slice(0, -1), heard.length > 1 ? ['said when it was dropped'] : []);
});
