import { after, test } from 'node:test';

import type { Row } from './row.ts';
import { Theatre } from './theatre.ts';
import { memory, memoryBack } from './vitals.ts';

/** Makes a test of every input of these rows, and one of the memory that each row leaves behind. */
export function testRows(rows: readonly Row[]): void {
  const theatre = new Theatre(false);
  after(() => theatre.close());
  for (const [place, { id, inputs }] of rows.entries()) {
    const light = inputs.filter(({ heavy }) => heavy === undefined);
    let before = memory();
    for (const [index, input] of light.entries()) {
      test(`${id}: ${input.name}`, async () => {
        if (index === 0) {
          for (const { target } of light) await theatre.stage(target);
          // What the first row of all compiles and keeps is no leak: 1.2 MiB, 2.4 on a busy machine.
          if (place === 0) await theatre.perform(input, false);
          before = memory();
        }
        await theatre.perform(input, index === 0);
      });
    }
    if (light.length > 0) {
      test(`${id}: memory is back at its baseline`, async () => {
        await memoryBack(before);
      });
    }
  }
}
