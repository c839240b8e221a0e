import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { root } from '../../scripts/root.ts';
import { listFiles } from '../../scripts/sources.ts';
import { days, surviveClockJump } from './clock-jump.ts';

for (const seconds of days) {
  test(`fault: the clock jumps by ${seconds} s (a Date that lies): no connection is lost, deadlines hold`, (t) =>
    surviveClockJump(t, { preload: 'shift-clock' }, seconds, (server) => {
      server.ask('shift', { by: seconds * 1_000 });
    }));
}

test('fault: the clock jumps: no source of the library reads it', () => {
  const readers = listFiles(['src'], '.ts').filter((file) =>
    /\bDate\b/.test(readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '')),
  );
  assert.deepEqual(readers, []);
});
