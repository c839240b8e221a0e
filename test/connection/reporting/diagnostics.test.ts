import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { root } from '../../../scripts/root.ts';
import {
  type DiagnosticMessages,
  type DiagnosticName,
  isWatched,
  publish,
} from '../../../src/connection/reporting/diagnostics.ts';
import { limitNames } from '../../../src/connection/reporting/tally.ts';
import { rawPair, settle } from '../raw-peer.ts';

/** Listens to a channel until the test ends. */
function listen<Name extends DiagnosticName>(context: TestContext, name: Name) {
  const messages: DiagnosticMessages[Name][] = [];
  const listener = (message: unknown) => messages.push(message as DiagnosticMessages[Name]);
  subscribe(name, listener);
  context.after(() => unsubscribe(name, listener));
  return messages;
}

test('a channel is watched as long as somebody listens', () => {
  const listener = () => {};
  assert.equal(isWatched('hawser:limit'), false);
  subscribe('hawser:limit', listener);
  assert.equal(isWatched('hawser:limit'), true);
  unsubscribe('hawser:limit', listener);
  assert.equal(isWatched('hawser:limit'), false);
});

test('what is published reaches all who listen', (context) => {
  const first = listen(context, 'hawser:handshake:refused');
  const second = listen(context, 'hawser:handshake:refused');
  const message = { status: 403, refusal: 'ORIGIN', remoteAddress: '192.0.2.1' };
  publish('hawser:handshake:refused', message);
  assert.deepEqual([first, second], [[message], [message]]);
});

test('a connection tells that it opens and why it ends', async (context) => {
  const opened = listen(context, 'hawser:connection:open');
  const closed = listen(context, 'hawser:connection:close');
  const order: string[] = [];
  const { connection, peer } = rawPair({
    handler: { open: () => order.push(`open after ${opened.length}`) },
  });
  assert.deepEqual(opened, [{ connection }]);
  assert.deepEqual(order, ['open after 1']);
  peer.close(4_000, 'enough');
  peer.transport.end();
  const info = await connection.closed;
  assert.deepEqual(closed, [{ connection, info }]);
});

test('a limit tells which it was, of which connection', async (context) => {
  const limits = listen(context, 'hawser:limit');
  const { connection, peer } = rawPair({
    options: { maxMessageSize: 2 },
    handler: { message() {} },
  });
  peer.texts('long');
  await settle();
  assert.deepEqual(limits, [{ limit: 'maxMessageSize', connection, remoteAddress: undefined }]);
  connection.terminate();
});

test('what a handler throws is told, whether or not it is handled', async (context) => {
  const errors = listen(context, 'hawser:handler:error');
  const error = new Error('broken');
  const handler = {
    open: () => {
      throw error;
    },
    error() {},
  };
  const { connection } = rawPair({ handler });
  await settle();
  assert.deepEqual(errors, [{ connection, error }]);
  connection.terminate();
});

test('the page on diagnostics has every channel and every limit', () => {
  const page = readFileSync(join(root, 'docs', 'diagnostics.md'), 'utf8');
  const channels: Record<DiagnosticName, true> = {
    'hawser:connection:open': true,
    'hawser:connection:close': true,
    'hawser:connection:drop': true,
    'hawser:handler:error': true,
    'hawser:handshake:refused': true,
    'hawser:limit': true,
  };
  const names = [...Object.keys(channels), ...limitNames];
  assert.deepEqual(
    names.filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});
