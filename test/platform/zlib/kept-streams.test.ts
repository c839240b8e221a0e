import assert from 'node:assert/strict';
import { test } from 'node:test';

import { KeptStreams } from '../../../src/platform/zlib/kept-streams.ts';

test('CP-17: of the idle streams the one unused for longest goes when there are too many', () => {
  const kept = new KeptStreams(2);
  const dropped: string[] = [];
  const keeper = (name: string) => ({ dropStream: () => void dropped.push(name) });
  const [a, b, c, d] = [keeper('a'), keeper('b'), keeper('c'), keeper('d')];
  kept.add(a);
  kept.add(b);
  assert.deepEqual(dropped, []);
  kept.delete(a);
  kept.add(a);
  kept.add(c);
  assert.deepEqual(dropped, ['b']);
  kept.delete(a);
  kept.add(d);
  assert.deepEqual(dropped, ['b']);
  kept.add(b);
  assert.deepEqual(dropped, ['b', 'c']);
});

test('where nothing may be kept, a stream goes at once', () => {
  const kept = new KeptStreams(0);
  let dropped = 0;
  kept.add({ dropStream: () => dropped++ });
  assert.equal(dropped, 1);
});
