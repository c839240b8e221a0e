import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';

import { Account, MemoryBudget } from '../../../src/connection/limits/memory-budget.ts';
import { VirtualClock } from '../../../src/testing/virtual-clock.ts';

/** A budget of 1 000 bytes, and accounts that log what they are told. */
function makeBudget() {
  const clock = new VirtualClock();
  const budget = new MemoryBudget(1_000);
  const log: string[] = [];
  const open = (name: string, onRelieved = (_account: Account): void => {}): Account =>
    new Account(budget, {
      clock,
      onShortage: () => void log.push(`${name} waits`),
      onRelieved: (account) => {
        log.push(`${name} goes on`);
        onRelieved(account);
      },
      onEvicted: (account) => {
        assert.equal(account.held, 0);
        log.push(`${name} goes`);
      },
    });
  return { clock, budget, log, open };
}

describe('MemoryBudget', () => {
  test('counts what all accounts hold', () => {
    const { budget, log, open } = makeBudget();
    const [a, b] = [open('a'), open('b')];
    a.set(400);
    b.set(600);
    assert.equal(budget.used, 1_000);
    a.set(100);
    assert.deepEqual([budget.used, a.held], [700, 100]);
    b.end();
    assert.equal(budget.used, 100);
    assert.deepEqual(log, []);
  });

  test('above it those that add to it wait, and go on once there is room', () => {
    const { clock, log, open } = makeBudget();
    const [a, b, c] = [open('a'), open('b'), open('c')];
    a.set(900);
    b.set(50);
    c.set(101);
    c.set(102);
    b.set(40);
    assert.deepEqual(log, ['c waits']);
    b.set(41);
    assert.deepEqual(log, ['c waits', 'b waits']);
    a.set(0);
    assert.deepEqual(log, ['c waits', 'b waits', 'c goes on', 'b goes on']);
    assert.equal(clock.pending, 0);
  });

  test('after a while the largest goes, and the next, until there is room', () => {
    const { clock, budget, log, open } = makeBudget();
    const accounts = ['a', 'b', 'c', 'd'].map((name) => open(name));
    for (const [index, amount] of [300, 350, 310, 200].entries()) accounts[index]?.set(amount);
    assert.deepEqual(log, ['d waits']);
    clock.advance(999);
    assert.equal(log.length, 1);
    clock.advance(1);
    assert.deepEqual(log, ['d waits', 'b goes', 'd goes on']);
    assert.equal(budget.used, 810);
    accounts[1]?.set(9_999);
    assert.equal(budget.used, 810);
  });

  test('a quarter beyond it the largest goes at once', () => {
    const { clock, budget, log, open } = makeBudget();
    const [a, b, c] = [open('a'), open('b'), open('c')];
    a.set(600);
    b.set(400);
    c.set(250);
    assert.deepEqual(log, ['c waits']);
    c.set(251);
    assert.deepEqual(log, ['c waits', 'a goes', 'c goes on']);
    assert.equal(budget.used, 651);
    assert.equal(clock.pending, 0);
  });

  test('who is given up while it waits is not told to go on', () => {
    const { log, open } = makeBudget();
    const [a, b] = [open('a'), open('b')];
    a.set(100);
    b.set(2_000);
    assert.deepEqual(log, ['b waits', 'b goes']);
  });

  test('each shortage has a while of its own', () => {
    const { clock, log, open } = makeBudget();
    const a = open('a');
    a.set(1_001);
    clock.advance(900);
    a.set(900);
    a.set(1_001);
    clock.advance(900);
    assert.deepEqual(log, ['a waits', 'a goes on', 'a waits']);
    clock.advance(100);
    assert.equal(log.at(-1), 'a goes');
  });

  test('one that fills the room again while others wait makes them wait on', () => {
    const { clock, budget, log, open } = makeBudget();
    const big = open('big');
    const waiting = ['a', 'b'].map((name) => open(name, (account) => account.set(1_100)));
    big.set(1_000);
    for (const account of waiting) account.set(50);
    assert.deepEqual(log, ['a waits', 'b waits']);
    big.set(0);
    assert.deepEqual(log.slice(2), ['a goes on', 'a waits']);
    assert.equal(budget.used, 1_150);
    clock.advance(1_000);
    assert.deepEqual(log.slice(4), ['a goes', 'b goes on', 'b waits']);
  });

  test('one that fills the room while others go for it is let go later', () => {
    const { clock, budget, log, open } = makeBudget();
    const waiting = open('a');
    const fills = new Account(budget, {
      clock,
      onShortage() {},
      onRelieved() {},
      onEvicted: () => waiting.set(1_100),
    });
    fills.set(1_001);
    clock.advance(1_000);
    assert.deepEqual(log, ['a waits']);
    waiting.set(100);
    assert.deepEqual(log, ['a waits', 'a goes on']);
    assert.equal(clock.pending, 0);
  });

  test('ten thousand that wait are let go without deep recursion', () => {
    const { log, open } = makeBudget();
    const big = open('big');
    big.set(1_000);
    for (let count = 0; count < 10_000; count++) {
      const account = open('one', (one) => one.set(0));
      account.set(0.001);
    }
    assert.equal(log.length, 10_000);
    big.end();
    assert.equal(log.length, 20_000);
  });

  test('an account that ended takes no part any more', () => {
    const { budget, clock, log, open } = makeBudget();
    const [a, b] = [open('a'), open('b')];
    a.set(1_000);
    b.set(1);
    b.end();
    b.end();
    b.set(500);
    assert.deepEqual([budget.used, b.held], [1_000, 0]);
    assert.deepEqual([log, clock.pending], [['b waits'], 0]);
  });

  test('the work for one change does not grow with the accounts', () => {
    const { open, budget } = makeBudget();
    for (let count = 0; count < 10_000; count++) open('idle').set(0.01);
    const account = open('busy');
    const walk = mock.method(Set.prototype, Symbol.iterator);
    for (let count = 0; count < 1_000; count++) account.set(count % 2);
    assert.equal(walk.mock.callCount(), 0);
    walk.mock.restore();
    assert.ok(budget.used < 1_000);
  });
});
