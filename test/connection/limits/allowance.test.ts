import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Allowance } from '../../../src/connection/limits/allowance.ts';
import type { ConnectionOptions } from '../../../src/connection/options/options.ts';
import { Hold } from '../../../src/connection/receiving/reading.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';
import { optionsOf, rawPair, settle } from '../raw-peer.ts';

const names = new Map<number, string>(Object.entries(Hold).map(([name, hold]) => [hold, name]));

/** An allowance that logs what it asks for. */
function makeAllowance(given: ConnectionOptions) {
  const options = optionsOf('server', given);
  const clock = new VirtualClock();
  const log: string[] = [];
  const make = (name = ''): Allowance =>
    new Allowance(
      options,
      {
        hold: (reason) => void log.push(`${name}hold ${names.get(reason)}`),
        release: (reason) => void log.push(`${name}release ${names.get(reason)}`),
      },
      clock,
      {
        hit: (limit) => void log.push(`${name}hit ${limit}`),
        fail: (code, _reason, _error, limit) => void log.push(`${name}fail ${code} ${limit}`),
      },
      { waiting: 0, drop: () => void log.push(`${name}drop`) },
    );
  return { allowance: make(), make, clock, log, options };
}

describe('Allowance', () => {
  test('rates: reading pauses, and goes on when there are tokens', () => {
    const { allowance, clock, log } = makeAllowance({ rateLimit: { messages: 2, bytes: 1_000 } });
    allowance.onMessage();
    allowance.onMessage();
    assert.deepEqual(log, ['hold RateLimited', 'hit rateLimit']);
    clock.advance(1_000);
    allowance.onBytes(2_000);
    assert.deepEqual(log.slice(2), ['release RateLimited', 'hold RateLimited', 'hit rateLimit']);
  });

  test('MS-15: control frames: reading slows, then the connection fails with 1008', () => {
    const limits = { controlFrames: { burst: 2, rate: 1, timeout: 2_000 } };
    const { allowance, clock, log } = makeAllowance(limits);
    allowance.onControlFrame();
    assert.deepEqual(log, []);
    for (let count = 0; count < 3; count++) {
      allowance.onControlFrame();
      clock.advance(1_000);
    }
    const held = ['hold Controlled', 'release Controlled'];
    assert.deepEqual(log, [
      'hold Controlled',
      'hit controlFrames',
      'release Controlled',
      ...held,
      'hold Controlled',
      'fail 1008 controlFrames',
      'release Controlled',
    ]);
  });

  test('nothing is limited that is turned off', () => {
    const { allowance, log } = makeAllowance({ rateLimit: false, controlFrames: false });
    for (let count = 0; count < 10_000; count++) {
      allowance.onMessage();
      allowance.onControlFrame();
      allowance.onBytes(65_536);
    }
    assert.deepEqual(log, []);
  });

  test('memory for what comes in: who adds to a shortage waits, who holds most goes', () => {
    const { make, clock, log } = makeAllowance({ memoryBudget: { input: 100 } });
    const [a, b] = [make('a '), make('b ')];
    a.input = 90;
    b.input = 20;
    assert.deepEqual([a.input, b.input], [90, 20]);
    assert.deepEqual(log, ['b hit memoryBudget.input', 'b hold InputShort']);
    clock.advance(1_000);
    assert.deepEqual(log.slice(2), [
      'a fail 1013 memoryBudget.input',
      'a drop',
      'b release InputShort',
    ]);
    assert.equal(a.input, 0);
  });

  test('memory for what goes out: the same, but what came in is not dropped', () => {
    const { make, log, options } = makeAllowance({ memoryBudget: { output: 100 } });
    const [a, b] = [make('a '), make('b ')];
    a.output = 90;
    b.output = 50;
    assert.equal(options.memoryBudget.output.used, 50);
    assert.deepEqual(log, [
      'b hit memoryBudget.output',
      'b hold OutputShort',
      'a fail 1013 memoryBudget.output',
      'b release OutputShort',
    ]);
  });

  test('the end lets go and leaves no deadline; what waits for the application counts on', () => {
    const { allowance, clock, log, options } = makeAllowance({
      rateLimit: { messages: 1, bytes: 1 },
      controlFrames: { burst: 1, rate: 1 },
      memoryBudget: { input: 100, output: 100 },
    });
    allowance.onMessage();
    allowance.onControlFrame();
    allowance.input = 50;
    allowance.output = 50;
    log.length = 0;
    allowance.end();
    const released = ['release RateLimited', 'release Controlled', 'release OutputShort'];
    assert.deepEqual(log.splice(0), released);
    assert.equal(clock.pending, 0);
    allowance.onMessage();
    allowance.onControlFrame();
    allowance.onBytes(100);
    allowance.end();
    assert.deepEqual([log, clock.pending], [[], 0]);
    const { input, output } = options.memoryBudget;
    assert.deepEqual([input.used, output.used], [50, 0]);
    allowance.input = 0;
    assert.equal(input.used, 0);
  });
});

describe('Allowance: a budget of what goes out', () => {
  /** A connection of a server whose peer reads nothing, with so many bytes sent. */
  function blocked(resolved: ReturnType<typeof optionsOf>, bytes: number, closing = false) {
    const handler = { message() {} };
    const pair = rawPair({ resolved, handler, highWaterMark: 1_000 });
    pair.peer.transport.pause();
    pair.connection.send(new Uint8Array(bytes));
    if (closing) pair.peer.close();
    return pair;
  }

  test('a connection that waits for memory ends with its transport', async () => {
    const resolved = optionsOf('server', { memoryBudget: { output: 50_000 } });
    const { connection, peer } = blocked(resolved, 60_000);
    await settle();
    peer.texts('still to be read');
    await settle();
    peer.transport.destroy();
    assert.equal((await connection.closed).initiator, 'network');
    assert.equal(resolved.memoryBudget.output.used, 0);
  });

  test('what waits behind a clean end counts as it leaves, and can be given up', async () => {
    const resolved = optionsOf('server', { memoryBudget: { output: 500_000 } });
    const first = blocked(resolved, 400_000, true);
    await settle();
    assert.equal(first.connection.state, 'closed');
    const { output } = resolved.memoryBudget;
    assert.equal(output.used, first.connection.bufferedAmount);
    first.peer.transport.resume();
    await first.peer.sink.until(() => first.connection.bufferedAmount < 350_000);
    first.peer.transport.pause();
    await settle();
    assert.equal(output.used, first.connection.bufferedAmount);
    const second = blocked(resolved, 310_000);
    const info = await first.connection.closed;
    assert.ok(info.bufferedAmount > 300_000);
    assert.equal(second.connection.state, 'open');
    assert.equal(output.used, second.connection.bufferedAmount);
  });
});
