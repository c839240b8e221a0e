import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';

import { type Role, type Setup } from '../../conformance/case.ts';
import { groupNames, select } from '../../conformance/catalogue.ts';
import { Incoming } from '../../conformance/fuzzer/incoming.ts';
import { readOptions } from '../../conformance/options.ts';
import { encode, ping, text } from '../../conformance/wire/frame.ts';
import { FrameReader } from '../../conformance/wire/reader.ts';

const setups: readonly Setup[] = ['echo', 'limited', 'plain', 'subprotocols', 'command'];
const groupOf = (id: string): string => id.split('.')[0] ?? '';

function idsOf(role: Role): string[] {
  return select({ role, messages: 1, seed: 1, setups }).map(({ id }) => id);
}

/** The reference counts: 517 cases, the same for servers and clients. */
const reference = {
  1: 16,
  2: 11,
  3: 7,
  4: 10,
  5: 20,
  6: 145,
  7: 37,
  9: 54,
  10: 1,
  12: 90,
  13: 126,
};

describe('the catalogue of cases', () => {
  for (const role of ['server', 'client'] as const) {
    test(`has the 517 reference cases for a ${role}, and each id once`, () => {
      const ids = idsOf(role);
      assert.equal(new Set(ids).size, ids.length);
      for (const [group, count] of Object.entries(reference)) {
        assert.equal(ids.filter((id) => groupOf(id) === group).length, count, `group ${group}`);
      }
      assert.deepEqual(
        ids.filter((id) => groupNames[groupOf(id)] === undefined),
        [],
      );
    });
  }

  test('group 6 has 63 valid and 69 invalid texts from 6.5 on', () => {
    const titles = select({ role: 'server', messages: 1, seed: 1, setups, groups: ['6'] })
      .filter(({ id }) => Number(id.split('.')[1]) >= 5)
      .map(({ title }) => title);
    assert.equal(titles.filter((title) => title.endsWith(': valid')).length, 63);
    assert.equal(titles.filter((title) => title.endsWith(': invalid')).length, 69);
  });

  test('a group is chosen by its number, a case by its id', () => {
    const chosen = (group: string): number =>
      select({ role: 'server', messages: 1, seed: 1, setups, groups: [group] }).length;
    assert.equal(chosen('1'), 16);
    assert.equal(chosen('6.5'), 5);
    assert.equal(chosen('6.5.1'), 1);
  });
});

describe('the command line', () => {
  test('a slice takes 50 messages a case, and wrong values are named', () => {
    const options = readOptions(['--minutes', '2', '--group', '6,7']);
    assert.ok(options !== 'help');
    assert.equal(options.messages, 50);
    assert.deepEqual(options.groups, ['6', '7']);
    assert.throws(() => readOptions(['--role', 'judge']), /--role must be one of server, client/);
    assert.throws(() => readOptions(['--minutes', 'soon']), /--minutes must be a number/);
  });
});

describe("the rules for the tested side's own frames", () => {
  function broken(masked: boolean, ...hex: string[]): string[] {
    const violations: string[] = [];
    const nothing = (): void => {};
    const incoming = new Incoming(masked, undefined, {
      message: nothing,
      ping: nothing,
      pong: nothing,
      close: nothing,
      violation: (what) => violations.push(what),
    });
    const reader = new FrameReader();
    for (const bytes of hex) {
      for (const frame of reader.push(Buffer.from(bytes, 'hex'))) incoming.frame(frame);
    }
    return violations;
  }

  test('RFC 6455 §5: lawful frames pass', () => {
    const frames = [encode(text('a'), 'client'), encode(ping(), 'client')];
    assert.deepEqual(broken(true, ...frames.map((bytes) => bytes.toString('hex'))), []);
  });

  test('RFC 6455 §5: every kind of broken rule is seen', () => {
    assert.deepEqual(broken(true, '810161'), ['unmasked']);
    assert.deepEqual(broken(false, '81810000000061'), ['masked']);
    assert.deepEqual(broken(false, '817e000161'), ['a length not in its shortest form']);
    assert.deepEqual(broken(false, '830161'), ['opcode 3']);
    assert.deepEqual(broken(false, '0900'), ['a bad control frame']);
    assert.deepEqual(broken(false, '800161'), ['fragments out of order']);
    assert.deepEqual(broken(false, '010161', '810162'), ['fragments out of order']);
    assert.deepEqual(broken(false, 'c10161'), ['RSV 4']);
    assert.deepEqual(broken(false, '8102c0af'), ['a text that is not UTF-8']);
    assert.deepEqual(broken(false, '880161'), ['a Close of one byte']);
    assert.deepEqual(broken(false, '880203ee'), ['close code 1006']);
    assert.deepEqual(broken(false, '880203e8', '810161'), ['a frame after its Close']);
  });
});
