import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { planFor } from '../../soak/options.ts';
import { noFaults } from '../../soak/sequence.ts';
import { judge, judgeTrend } from '../../soak/verdict.ts';

const mib = 1_048_576;

function blocksRising(perBlock: number, count = 18) {
  return Array.from({ length: count }, (_, index) => ({
    at: index * 30 + 15,
    heap: 50 * mib + index * perBlock,
    external: 0,
    timers: 3,
    sockets: 2_000,
  }));
}

describe('soak: a leak', () => {
  test('half a MiB over the run is none, two are one', () => {
    assert.equal(judgeTrend('server', 'heap', blocksRising((0.5 * mib) / 18), 540).good, true);
    assert.equal(judgeTrend('server', 'heap', blocksRising((2 * mib) / 18), 540).good, false);
  });

  test('a falling line is none', () => {
    assert.equal(judgeTrend('server', 'heap', blocksRising(-mib), 540).good, true);
  });

  test('too few blocks to judge do not pass', () => {
    assert.equal(judgeTrend('server', 'heap', blocksRising(0, 2), 540).good, false);
  });
});

describe('soak: the verdict', () => {
  const plan = planFor(10, 1);
  const sample = { heap: 0, external: 0, timers: 0, sockets: 0 };
  const opened = 2_000 + 20 * 600;
  const counts = { sent: 1_200_000, received: 1_200_000, opened, refused: 0, closed: 1 };
  const outcome = {
    load: {
      ...counts,
      faults: noFaults(),
      broken: 0,
      brokenReasons: [],
      attacks: { half: 6_000, none: 6_000 } as Record<string, number>,
      hanging: [],
      slowestMs: 1,
    },
    server: {
      faults: noFaults(),
      handlerErrors: [],
      warnings: [],
      before: sample,
      after: sample,
      connectionsLeft: 0,
    },
    blocks: { server: blocksRising(0), load: blocksRising(0) },
    seconds: 600,
  };
  const failed = (changed: Partial<typeof outcome>): string[] =>
    judge(plan, { ...outcome, ...changed })
      .filter(({ good }) => !good)
      .map(({ name }) => name);

  test('a good run passes', () => {
    assert.deepEqual(failed({}), []);
  });

  test('one lost message fails it', () => {
    const faults = { ...noFaults(), lost: 1 };
    const load = { ...outcome.load, faults };
    assert.deepEqual(failed({ load }), ['messages lost on the way back']);
    const server = { ...outcome.server, faults };
    assert.deepEqual(failed({ server }), ['messages lost on the way to the server']);
  });

  test('a load that was too small fails it', () => {
    const load = { ...outcome.load, sent: 1_000_000 };
    assert.deepEqual(failed({ load }), ['the load was what it should be']);
  });

  test('a socket left behind fails it', () => {
    const server = { ...outcome.server, after: { ...sample, sockets: 1 } };
    assert.deepEqual(failed({ server }), ['server: sockets afterwards as before']);
  });

  test('a short run says that it has fewer connections, and why', () => {
    const { connections, reduced } = planFor(1, 1);
    assert.ok(connections <= 1_000);
    assert.ok(reduced !== undefined);
  });
});
