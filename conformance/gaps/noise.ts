import { Buffer } from 'node:buffer';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FrameCase, Judgement } from '../case.ts';
import { answered, gotText } from '../cases/build.ts';
import { Random } from '../cases/random.ts';
import type { Link } from '../fuzzer/link.ts';
import { describeEvents } from '../report/describe.ts';
import { binary, continuation, ping, text } from '../wire/frame.ts';
import { watched } from './expect.ts';

const steps = [
  text('Käse ', { fin: false }),
  ping('ping'),
  continuation('für 3 €'),
  binary(Buffer.alloc(130, 1)),
];

/** Sends the same frames cut in two at every byte. */
async function everyCut(link: Link): Promise<Judgement> {
  const expected = `pong "ping" (4 B), text ${describeEvents([gotText('Käse für 3 €')]).slice(5)}`;
  const size = Buffer.concat(steps.map((step) => link.encode(step))).length;
  for (let cut = 0; cut <= size; cut++) {
    const bytes = Buffer.concat(steps.map((step) => link.encode(step)));
    link.write(bytes.subarray(0, cut));
    await sleep(1);
    link.write(bytes.subarray(cut));
    const events = [await link.take(), await link.take(), await link.take()];
    const got = describeEvents(events.filter((event) => event !== undefined));
    if (!got.startsWith(expected) || !got.endsWith('(130 B)')) {
      return { behavior: 'FAILED', note: `cut at ${cut}: ${got}` };
    }
  }
  return { behavior: 'OK', note: `${size + 1} cuts` };
}

const hundred = Array.from({ length: 100 }, (_, i) => `message ${i}`);

/** Random bytes behind a lawful start: the tested side ends it or waits, and breaks no rule. */
function noise(id: string, seed: number): FrameCase {
  return watched(id, `noise of seed ${seed}`, async (link) => {
    const random = new Random(seed);
    link.passive = true;
    link.send(text('start'));
    for (let i = 0; i < 20 && !link.gone; i++) {
      if (random.below(2) === 0) link.write(random.bytes(1 + random.below(200)));
      else link.send(mutated(random));
      await sleep(1);
    }
    link.socket.end();
    const over = await link.until(() => link.finished || link.gone, 2000);
    const right = over && link.violations.length === 0;
    const note = over ? link.violations.join() || 'it ended' : 'TCP still open after 2 s';
    return { behavior: right ? 'OK' : 'FAILED', note };
  });
}

function mutated(random: Random): ReturnType<typeof text> {
  const fin = random.below(3) > 0;
  const rsv = random.below(6) === 0 ? random.below(8) : 0;
  const opcode = random.pick([0, 1, 2, 8, 9, 10, 3, 11]);
  const form = random.pick([7, 16, 64] as const);
  return { opcode, payload: random.bytes(random.below(100)), fin, rsv, form };
}

/** Group 29: frames cut anywhere, many at once, and bytes that are none. */
export function noiseCases(seed: number): FrameCase[] {
  return [
    answered('29.1', 'two messages and a ping, cut at every byte', everyCut, [], {
      killAfter: 20_000,
    }),
    answered(
      '29.2',
      'a hundred messages in one write',
      hundred.map((word) => text(word)),
      hundred.map((word) => gotText(word)),
    ),
    ...Array.from({ length: 40 }, (_, i) => noise(`29.3.${i + 1}`, seed + i)),
  ];
}
