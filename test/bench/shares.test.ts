import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type CpuProfile, sharesOf } from '../../bench/profile/shares.ts';

const node = (id: number, functionName: string, url = '') => ({
  id,
  callFrame: { functionName, url, lineNumber: 4 },
});

const profile: CpuProfile = {
  nodes: [
    node(1, '(idle)'),
    node(2, '(garbage collector)'),
    node(3, 'writeBuffer'),
    node(4, 'read', 'node:net'),
    node(5, 'decode', 'file:///a/dist/src/protocol/frame/decoder.js'),
    node(6, '', 'file:///a/dist/bench/subject/server.js'),
    node(7, '(program)'),
  ],
  samples: [1, 2, 3, 4, 5, 5, 6, 7],
  timeDeltas: [1_000, 10, 20, 10, 20, 20, 10, 10],
};

describe('bench: profiles', () => {
  test('time belongs to hawser, to Node, to native code or to the collector; waiting does not count', () => {
    assert.deepEqual(sharesOf(profile).groups, [
      { name: "hawser's JavaScript", part: 0.4 },
      { name: 'native code', part: 0.3 },
      { name: 'garbage collection', part: 0.1 },
      { name: "Node's JavaScript", part: 0.1 },
      { name: 'other JavaScript', part: 0.1 },
    ]);
  });

  test('functions are named with their place, the longest first', () => {
    assert.deepEqual(
      sharesOf(profile).functions.map(({ name }) => name),
      [
        'decode frame/decoder.js:5',
        'writeBuffer',
        '(garbage collector)',
        'read node:net:5',
        '(anonymous) subject/server.js:5',
        '(program)',
      ],
    );
  });
});
