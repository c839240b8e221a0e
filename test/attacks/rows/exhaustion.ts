import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { inspect } from 'node:util';

import { attach, connect, type DiagnosticMessages, serve } from 'hawser';

import { openingRequest } from '../../support/opening-request.ts';
import type { Arena } from '../harness/arena.ts';
import { Attacker } from '../harness/attacker.ts';
import { closeBody, op } from '../harness/frames.ts';
import { against, heavyInput, type Input, input, row } from '../harness/row.ts';
import { memory } from '../harness/vitals.ts';
import { until } from '../harness/waiting.ts';

/** An options object that must not be taken, the option it must name, and where it stands. */
const badOptions: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ maxMessageSize: '1mb' }, 'maxMessageSize'],
  [{ maxMessageSize: -1 }, 'maxMessageSize'],
  [{ maxMessageSize: NaN }, 'maxMessageSize'],
  [{ maxMessageSize: 2 ** 53 }, 'maxMessageSize'],
  [{ maxMesageSize: 1 }, 'maxMesageSize'],
  [{ heartbeat: { intervall: 1 } }, 'heartbeat.intervall'],
  [{ heartbeat: { interval: 0 } }, 'heartbeat.interval'],
  [{ backpressure: { policy: 'drop' } }, 'backpressure.policy'],
  [{ compression: { windowBits: 16 } }, 'compression.windowBits'],
  [{ handshakeTimeout: '10s' }, 'handshakeTimeout'],
  [{ closeTimeout: null }, 'closeTimeout'],
];

function naming(option: string) {
  return (error: unknown): boolean =>
    (error instanceof TypeError || error instanceof RangeError) && error.message.includes(option);
}

function optionInputs(): Input[] {
  return badOptions.map(([options, option]) => {
    return input(inspect(options), () => {
      const endpoints = { '/': {} };
      assert.throws(() => serve({ port: 0, endpoints, ...options }), naming(option));
      assert.throws(() => serve({ port: 0, endpoints: { '/': options } }), naming(option));
      assert.throws(() => attach(createServer(), endpoints, options), naming(option));
      assert.throws(() => connect('ws://127.0.0.1:9/', options), naming(option));
    });
  });
}

/** Connects, and closes cleanly; without a witness, so that nothing is kept. */
async function cycle(port: number, localAddress: string): Promise<void> {
  const attacker = await Attacker.connect({ port, localAddress });
  attacker.write(openingRequest({}, 'GET /canary HTTP/1.1'));
  await attacker.answer();
  attacker.send(op.close, closeBody(1000));
  await attacker.closeCode(5_000);
  await attacker.rest(5_000);
  attacker.destroy();
}

/** So many cycles, some at once, from several addresses. */
async function cycles({ stage }: Arena, isEnough: (done: number) => boolean): Promise<number> {
  let done = 0;
  const lane = async (index: number): Promise<void> => {
    while (!isEnough(done)) {
      done++;
      await cycle(stage.port, `127.0.0.${2 + (index % 100)}`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => lane(index)));
  return done;
}

/** KiB of heap that a cycle leaves behind, by the least squares of heap over cycles. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1) =>
    points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const covariance = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return covariance / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

/** Rows about resources that run out, and applications that make mistakes. */
export const exhaustionRows = [
  row('RX-01', 'a broken frame where no handler listens', 'the process lives', [
    against(['plain'], 'an unmasked frame, no handler at all', async (arena) => {
      const server = await serve({ port: 0, endpoints: { '/': {} } });
      arena.after(() => server.close());
      const logged: unknown[] = [];
      const log = (message: unknown) => void logged.push(message);
      subscribe('hawser:connection:close', log);
      arena.after(() => void unsubscribe('hawser:connection:close', log));
      const attacker = await Attacker.connect({ port: server.address.port });
      arena.after(() => attacker.destroy());
      attacker.write(openingRequest());
      assert.equal((await attacker.answer()).status, 101);
      attacker.write(Buffer.from('810548656c6c6f', 'hex'));
      assert.equal(await attacker.closeCode(), 1002);
      await attacker.rest();
      attacker.socket.end();
      await until(() => server.connections.size === 0, 2_000, 'the end');
      assert.equal(server.stats().closed[1002], 1);
      const told = logged as DiagnosticMessages['hawser:connection:close'][];
      const [{ info } = {}, ...others] = told.filter(({ info: { code } }) => code === 1002);
      assert.match(String(info?.error), /mask/i);
      assert.deepEqual(others, []);
    }),
    input('a handler that throws', async (arena) => {
      const message = () => {
        throw new Error('a mistake of the application');
      };
      const { attacker, witness } = await arena.duelWith(await arena.open({ message }));
      attacker.send(op.text, 'go');
      assert.equal(await attacker.closeCode(), 1011);
      attacker.socket.end();
      await witness.closed(1_100);
      assert.equal(witness.errors.length, 1);
    }),
    input('a handler that rejects', async (arena) => {
      const message = () => Promise.reject(new Error('a mistake of the application'));
      const { attacker, witness } = await arena.duelWith(await arena.open({ message }));
      attacker.send(op.text, 'go');
      assert.equal(await attacker.closeCode(), 1011);
      attacker.socket.end();
      await witness.closed(1_100);
      assert.equal(witness.errors.length, 1);
    }),
  ]),
  row('RX-07', 'options that are wrong or misspelt', 'an error that names the option', [
    optionInputs(),
  ]),
  row('RX-09', 'connect and close as often as possible', 'the heap does not grow', [
    heavyInput('60 s, from 100 addresses', 60, async (arena) => {
      await cycles(arena, (done) => done >= 500);
      const points: [number, number][] = [];
      let done = 0;
      const end = Date.now() + 60_000;
      while (Date.now() < end) {
        const pause = Math.min(end, Date.now() + 5_000);
        done += await cycles(arena, () => Date.now() >= pause);
        points.push([done, memory().heapUsed]);
      }
      arena.notes.push(`${done} cycles`);
      arena.figure('heap per cycle', slopeOf(points), 50, 'B');
    }),
  ]),
  row('RX-11', 'many connections, one after the other', 'listeners and timers as before', [
    input('connections opened and closed', async (arena) => {
      const listeners = () => process.eventNames().map((name) => process.listenerCount(name));
      const before = listeners();
      await cycles(arena, (done) => done >= (arena.full ? 10_000 : 1_000));
      assert.deepEqual(listeners(), before);
    }),
  ]),
];
