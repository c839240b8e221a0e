import assert from 'node:assert/strict';
import { test } from 'node:test';

import { defaultLimits, type Fault, Judge } from '../../fuzz/engine/judge.ts';
import type { Target } from '../../fuzz/engine/target.ts';
import { crashing, fickle, greedy, healthy, silent, slow } from './toy.ts';

async function faultOf(target: Target, input: readonly number[]): Promise<Fault | undefined> {
  const judge = new Judge(target, { ...defaultLimits, cpu: 20, patience: 50 });
  return (await judge.judge(Uint8Array.from(input), [[1]])).fault;
}

test('an exception is a crash, told with its message', async () => {
  const fault = await faultOf(crashing, [0x82, 0x7f, 0xc1]);
  assert.equal(fault?.kind, 'crash');
  assert.match(fault.detail, /cursed/);
  assert.equal(await faultOf(crashing, [0x82, 0x7f]), undefined);
});

test('CPU time over the limit, seen again, is a hang', async () => {
  assert.equal((await faultOf(slow, [0, 1]))?.kind, 'hang');
  assert.equal(await faultOf(slow, [1, 0]), undefined);
});

test('CPU time over the limit once is none', async () => {
  let runs = 0;
  const once: Target = {
    ...slow,
    run: (input, cuts) => slow.run(runs++ === 0 ? input : Uint8Array.of(1), cuts),
  };
  assert.equal(await faultOf(once, [0]), undefined);
});

test('memory kept over the limit is growth, memory let go is none', async () => {
  assert.equal((await faultOf(greedy, [0]))?.kind, 'growth');
  assert.equal(await faultOf(greedy, [1]), undefined);
  const run = (): { trace: []; subject: number } => ({
    trace: [],
    subject: new Uint8Array(2 << 20).length,
  });
  assert.equal(await faultOf({ ...greedy, run }, [0]), undefined);
});

test('memory that the subject holds is growth', async () => {
  const run = (): { trace: []; subject: Uint8Array } => ({
    trace: [],
    subject: new Uint8Array(2 << 20),
  });
  assert.equal((await faultOf({ ...greedy, run }, [0]))?.kind, 'growth');
});

test('a trace that depends on the cuts is a fault, told with the cuts', async () => {
  const fault = await faultOf(fickle, [1, 2]);
  assert.deepEqual(fault, {
    kind: 'cuts',
    detail: 'event 0 is ["pieces",1] when whole, ["pieces",2] when cut',
    cuts: [1],
  });
});

test('a run that never settles is a crash after a while', async () => {
  const fault = await faultOf(silent, []);
  assert.match(fault?.detail ?? '', /nothing happened for 50 ms/);
});

test('an exception that nobody catches belongs to the input that is run', async () => {
  const judge = new Judge(silent);
  const verdict = judge.judge(new Uint8Array(0), []);
  judge.stray(new Error('astray'));
  assert.match((await verdict).fault?.detail ?? '', /astray/);
});

test('a healthy target has no fault', async () => {
  assert.equal(await faultOf(healthy, [0x82, 0x7f, 0xc1]), undefined);
});
