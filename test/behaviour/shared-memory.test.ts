import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';

import { connect } from '../../src/client/connect.ts';
import type { Connection } from '../../src/connection/connection.ts';
import { serving } from '../server/serving.ts';
import { provideTransfer } from '../support/transfer.ts';

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

/** Text that is compressed to less than half, and so takes many reads. */
function longText(length: number): string {
  let text = '';
  for (let n = 1; text.length < length;) text += (n = (n * 48_271) % 0x7fff_ffff).toString(8);
  return text.slice(0, length);
}

/** Text that is compressed so well that what comes out of one read fills memory of zlib's. */
function wideText(length: number): string {
  let text = '';
  for (let n = 1; text.length < length; n++) text += `${'the quick brown fox '.repeat(30)}${n}`;
  return text.slice(0, length);
}

test('ADR 0040: long compressed messages come whole, though memory is freed as they are joined', async (t) => {
  const freed = provideTransfer(t);
  const allocations = t.mock.method(Buffer, 'allocUnsafe');
  for (const contextTakeover of [true, false]) {
    const compression = {
      threshold: 0,
      maxRatio: Infinity,
      windowBits: 15,
      peerWindowBits: 15,
      contextTakeover,
      peerContextTakeover: contextTakeover,
    };
    const options = { compression, maxMessageSize: 4_000_000, maxFragmentSize: 100_000 };
    const echo = {
      ...options,
      message: (one: Connection, message: string | Uint8Array) => void one.send(message),
    };
    const { url } = await serving({ '/': echo });
    const client = await connect(url, options);
    const texts = [2_000_000, 1_966_080, 65_536, 300_001].map(longText);
    for (const text of [...texts, wideText(2_000_000), wideText(1_966_080)]) {
      client.send(text);
      assert.ok((await client.receive({ timeout: 10_000 })) === text, `${text.length} characters`);
      client.send(Buffer.from(text));
      const bytes = await client.receive({ timeout: 10_000 });
      assert.ok(Buffer.from(bytes as Uint8Array).equals(Buffer.from(text)), `${text.length} bytes`);
    }
  }
  const inflated = allocations.mock.calls.filter(
    ({ result }) => result !== undefined && freed.has(result.buffer),
  );
  assert.ok(inflated.length > 100, `only ${inflated.length} pieces of zlib's were freed`);
  assert.ok(freed.size - inflated.length > 100, `only ${freed.size} pieces were freed`);
});
