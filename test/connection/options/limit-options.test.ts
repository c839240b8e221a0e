import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { MemoryBudget } from '../../../src/connection/limits/memory-budget.ts';
import { sharedBudgets } from '../../../src/connection/limits/shared-budgets.ts';
import {
  limitDefaults,
  type LimitOptions,
  limitRules,
} from '../../../src/connection/options/limit-options.ts';
import { resolveOptions } from '../../../src/connection/options/option-rules.ts';

const resolve = (options: object, base = limitDefaults) =>
  resolveOptions(options, limitRules(base), base);

describe('limit options', () => {
  test('the defaults are those of the table, and frozen', () => {
    const { rateLimit, controlFrames, memoryBudget } = limitDefaults;
    assert.equal(rateLimit, false);
    assert.deepEqual(controlFrames, { burst: 200, rate: 50, timeout: 10_000 });
    assert.equal(memoryBudget, sharedBudgets);
    for (const part of [limitDefaults, controlFrames, memoryBudget])
      assert.ok(Object.isFrozen(part));
  });

  test('what is not said of an object is completed', () => {
    const options: LimitOptions = {
      rateLimit: { bytes: 1_000 },
      controlFrames: { timeout: Infinity },
      memoryBudget: { input: 5_000 },
    };
    const { rateLimit, controlFrames, memoryBudget } = resolve(options);
    assert.deepEqual(rateLimit, { messages: Infinity, bytes: 1_000 });
    assert.deepEqual(controlFrames, { burst: 200, rate: 50, timeout: Infinity });
    assert.ok(memoryBudget.input instanceof MemoryBudget);
    assert.equal(memoryBudget.input.limit, 5_000);
    assert.equal(memoryBudget.output, sharedBudgets.output);
  });

  test("an endpoint's options are completed from its server's, whose budget it shares", () => {
    const server = resolve({ rateLimit: { messages: 5 }, memoryBudget: { output: 9 } });
    const endpoint = resolve({ rateLimit: { bytes: 7 }, memoryBudget: { input: 3 } }, server);
    assert.deepEqual(endpoint.rateLimit, { messages: 5, bytes: 7 });
    assert.equal(endpoint.memoryBudget.output, server.memoryBudget.output);
    assert.equal(resolve({}, server).memoryBudget, server.memoryBudget);
    const off = resolve({ controlFrames: false }, server);
    assert.equal(off.controlFrames, false);
    assert.deepEqual(resolve({ controlFrames: { rate: 9 } }, off).controlFrames, {
      burst: 200,
      rate: 9,
      timeout: 10_000,
    });
  });

  test('a wrong value is refused by its name', () => {
    const wrong: [object, RegExp][] = [
      [{ rateLimit: true }, /^TypeError: rateLimit must be an object, but is true$/],
      [{ rateLimit: { messages: 0 } }, /^RangeError: rateLimit\.messages must be an integer of/],
      [{ rateLimit: { bytes: '1' } }, /^TypeError: rateLimit\.bytes must be an integer of/],
      [{ rateLimit: { frames: 1 } }, /^TypeError: unknown option rateLimit\.frames; allowed are/],
      [{ controlFrames: { burst: 0 } }, /^RangeError: controlFrames\.burst must be/],
      [{ controlFrames: { rate: Infinity } }, /^RangeError: controlFrames\.rate must be/],
      [{ controlFrames: { timeout: 0 } }, /^RangeError: controlFrames\.timeout must be/],
      [{ memoryBudget: false }, /^TypeError: memoryBudget must be an object, but is false$/],
      [{ memoryBudget: { input: -1 } }, /^RangeError: memoryBudget\.input must be an integer/],
      [{ memoryBudget: { output: {} } }, /^TypeError: memoryBudget\.output must be an integer/],
    ];
    for (const [options, message] of wrong) {
      assert.throws(
        () => resolve(options),
        (error) => message.test(String(error)),
        JSON.stringify(options),
      );
    }
    assert.equal(resolve({ memoryBudget: { input: Infinity } }).memoryBudget.input.limit, Infinity);
  });
});
