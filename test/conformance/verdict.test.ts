import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';

import type { FrameCase } from '../../conformance/case.ts';
import { answered, gotPong, gotText, refused } from '../../conformance/cases/build.ts';
import { broken, orGoesOn } from '../../conformance/gaps/expect.ts';
import { columnOf, isComplete, judge, type Transcript } from '../../conformance/report/verdict.ts';

const good: Transcript = {
  opened: true,
  received: [gotText('a')],
  violations: [],
  closedBy: 'fuzzer',
  peerClose: { code: 1000, reason: '' },
  clean: true,
  dropped: false,
  timedOut: false,
  asClient: true,
  deflate: false,
};
const failed: Transcript = {
  ...good,
  received: [],
  closedBy: 'peer',
  peerClose: { code: 1002, reason: '' },
};
const echo = answered('1', 'echo', [], [gotText('a')]);
const fails = refused('2', 'fails', [], [1002]);

const verdicts = (test: FrameCase, transcript: Transcript): string[] => {
  const { behavior, behaviorClose } = judge(test, transcript);
  return [behavior, behaviorClose, columnOf({ behavior, behaviorClose })];
};

describe('the verdict on what came', () => {
  test('exactly the expected events are OK; anything else, or more, is FAILED', () => {
    assert.deepEqual(verdicts(echo, good), ['OK', 'OK', 'OK']);
    for (const received of [
      [],
      [gotText('b')],
      [gotText('a'), gotText('a')],
      [gotPong('a')],
      [{ type: 'message', payload: Buffer.from('a'), binary: true } as const],
    ]) {
      assert.equal(verdicts(echo, { ...good, received })[2], 'FAILED');
    }
  });

  test('a tolerated sequence is NON-STRICT', () => {
    const test = {
      ...fails,
      outcomes: [
        { verdict: 'OK', events: [gotText('a')] } as const,
        { verdict: 'NON-STRICT', events: [] } as const,
      ],
    };
    assert.deepEqual(verdicts(test, failed), ['NON-STRICT', 'OK', 'NON-STRICT']);
    assert.equal(verdicts(test, { ...failed, received: [gotText('a')] })[2], 'OK');
  });

  test('a rule the tested side broke in what it sent is FAILED', () => {
    assert.equal(verdicts(echo, { ...good, violations: ['RSV 2'] })[0], 'FAILED');
  });

  test('INFORMATIONAL and UNIMPLEMENTED cases are judged by nothing else', () => {
    assert.equal(verdicts({ ...echo, informational: true }, failed)[2], 'INFORMATIONAL');
    assert.equal(verdicts({ ...echo, deflate: [{}] }, failed)[2], 'UNIMPLEMENTED');
  });

  test('bad UTF-8 the peer never noticed is FAILED, however it ended', () => {
    assert.equal(
      verdicts({ ...fails, fatal: true }, { ...failed, closedBy: 'fuzzer' })[0],
      'FAILED',
    );
  });

  test('the fuzzer closes when an outcome that it ends is complete', () => {
    assert.equal(isComplete(echo, [gotText('a')]), true);
    assert.equal(isComplete(echo, []), false);
    assert.equal(isComplete(fails, []), false);
    const lax = broken('3', 'lax', 1002, [], { outcomes: [orGoesOn(gotText('a'))] });
    assert.equal(isComplete(lax, [gotText('a')]), true);
  });
});

describe('the verdict on how it ended', () => {
  const closeOf = (test: FrameCase, transcript: Partial<Transcript>, base = good): string =>
    judge(test, { ...base, ...transcript }).behaviorClose;

  test('the first rule that fits decides', () => {
    assert.equal(closeOf(echo, {}), 'OK');
    assert.equal(closeOf(echo, { opened: false }), 'FAILED');
    assert.equal(closeOf(echo, { closedBy: 'peer' }), 'FAILED');
    assert.equal(closeOf(echo, { clean: false }), 'UNCLEAN');
    assert.equal(closeOf(echo, { peerClose: { code: 1001, reason: '' } }), 'WRONG CODE');
    assert.equal(closeOf(echo, { dropped: true }), 'FAILED BY CLIENT');
    assert.equal(closeOf(echo, { dropped: true, asClient: false }), 'OK');
    assert.equal(closeOf(echo, { clean: false, dropped: true }), 'UNCLEAN');
  });

  test('where the peer has to fail it, a TCP drop without a Close passes too', () => {
    assert.equal(closeOf(fails, {}, failed), 'OK');
    assert.equal(closeOf(fails, { peerClose: undefined, clean: false }, failed), 'OK');
    assert.equal(closeOf(fails, { peerClose: { code: 1007, reason: '' } }, failed), 'WRONG CODE');
  });

  test('our own cases demand the Close frame, and tolerate the drop', () => {
    const strict = broken('4', 'strict', 1002, []);
    assert.equal(verdicts(strict, failed)[2], 'OK');
    const drop = { ...failed, peerClose: undefined, clean: false };
    assert.equal(verdicts(strict, drop)[2], 'NON-STRICT');
  });

  test('a wrong code makes the behavior FAILED where the code is the subject', () => {
    const wrong = { ...good, peerClose: { code: 1001, reason: '' } };
    assert.deepEqual(verdicts(echo, wrong), ['OK', 'WRONG CODE', 'WRONG CODE']);
    assert.equal(verdicts({ ...echo, codeMatters: true }, wrong)[0], 'FAILED');
  });
});
