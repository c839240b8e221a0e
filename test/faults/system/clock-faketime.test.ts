import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { days, surviveClockJump } from '../clock-jump.ts';
import { unavailable } from './availability.ts';

const skip = unavailable('faketime', '--version');

for (const seconds of days) {
  test(
    `fault: the clock jumps by ${seconds} s (libfaketime): no connection is lost, deadlines hold`,
    { skip },
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'hawser-clock-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const file = join(folder, 'offset');
      writeFileSync(file, '+0');
      // The program `faketime` would stay between this process and the server: only its library is used.
      const preload = execFileSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], {
        encoding: 'utf8',
      });
      const env = {
        LD_PRELOAD: preload.trim(),
        FAKETIME_TIMESTAMP_FILE: file,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      };
      await surviveClockJump(t, { env }, seconds, () => {
        writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}`);
      });
    },
  );
}
