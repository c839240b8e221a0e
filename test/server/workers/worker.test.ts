import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Server } from '../../../src/server/serve.ts';
import { closeOrder } from '../../../src/server/workers/messages.ts';
import { joinPrimary } from '../../../src/server/workers/worker.ts';

/** Makes this process a worker whose messages are kept. */
function workerOf(context: TestContext): unknown[] {
  const sent: unknown[] = [];
  const { send, connected } = process;
  const set = (values: object): void => {
    for (const [name, value] of Object.entries(values)) {
      Object.defineProperty(process, name, { value, configurable: true, writable: true });
    }
  };
  set({ send: (message: unknown) => sent.push(message), connected: true });
  context.after(() => set({ send, connected }));
  return sent;
}

const address = { address: '127.0.0.1', family: 'IPv4', port: 7 } as const;

test('a worker tells where it listens, closes when it is told to, and says so', async (context) => {
  const sent = workerOf(context);
  const closed: unknown[] = [];
  const server = {
    address,
    stats: () => 'stats',
    close: (options: unknown) => Promise.resolve(void closed.push(options)),
  } as unknown as Server;
  assert.equal(await joinPrimary(3, Promise.resolve(server)), server);
  assert.deepEqual(sent, [{ hawser: 'report', server: 3, listening: address }]);
  process.emit('message', 'something else', undefined);
  process.emit('message', closeOrder(4, { code: 1001, deadline: 1 }), undefined);
  assert.deepEqual(closed, []);
  process.emit('message', closeOrder(3, { code: 1012, deadline: Infinity }), undefined);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(closed, [{ code: 1012, deadline: Infinity }]);
  assert.deepEqual(sent.slice(1), [
    { hawser: 'report', server: 3, stats: 'stats' },
    { hawser: 'report', server: 3, closed: true },
  ]);
});

test('a worker that cannot listen tells why', async (context) => {
  const sent = workerOf(context);
  const error = Object.assign(new Error('in use'), { code: 'EADDRINUSE' });
  await assert.rejects(joinPrimary(0, Promise.reject(error)), error);
  const failed = { message: 'in use', code: 'EADDRINUSE' };
  assert.deepEqual(sent, [{ hawser: 'report', server: 0, failed }]);
});
