import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DeflateKind } from '../../../src/protocol/extension/shared-deflate.ts';
import { Opcode } from '../../../src/protocol/opcode.ts';
import { FrameArena } from '../../../src/protocol/sending/frame-arena.ts';
import { FrameWriter } from '../../../src/protocol/sending/frame-writer.ts';
import { Outbox } from '../../../src/protocol/sending/outbox.ts';
import { SharedMessage } from '../../../src/protocol/sending/shared-message.ts';
import { manualDeflate } from '../../support/manual-codec.ts';
import { hex, unhex } from '../../support/recorder.ts';

/** An outbox whose frames are listed in hex; compression finishes when told to. */
function create(onFrame: (frame: string) => void = () => {}, kind?: DeflateKind) {
  const frames: string[] = [];
  const write = (frame: Uint8Array) => {
    frames.push(hex(frame));
    onFrame(hex(frame));
  };
  const writer = new FrameWriter({ write }, undefined, Infinity);
  const codecs = manualDeflate({
    onDeflated: (payload) => outbox.onDeflated(payload),
    onInflated: () => assert.fail(),
    onInflateDone: () => assert.fail(),
  });
  const outbox: Outbox = new Outbox(
    writer,
    codecs.deflate,
    { onClose: (payload) => writer.frame(Opcode.Close, payload) },
    kind,
  );
  const text = (message: string, compress = false) =>
    outbox.send(Opcode.Text, message, true, compress);
  return { outbox, frames, text, deflater: codecs.deflater };
}

test('without a reason to wait everything leaves at once', () => {
  const { outbox, frames, text } = create();
  text('a');
  outbox.send(Opcode.Binary, unhex('01'), false, false);
  outbox.close(unhex('03e8'));
  assert.deepEqual(frames, ['810161', '020101', '880203e8']);
  assert.equal(outbox.bufferedAmount, 0);
  assert.equal(outbox.closing, true);
});

test('behaviour 12: messages and the Close leave in order, behind the one that is compressed', () => {
  const { outbox, frames, text, deflater } = create();
  text('first', true);
  text('é');
  outbox.send(Opcode.Binary, unhex('0102'), true, true);
  text('last');
  outbox.close(unhex('03e8'));
  assert.deepEqual(frames, []);
  assert.equal(outbox.bufferedAmount, 5 + 2 + 2 + 4 + 2);
  assert.equal(outbox.closing, true);
  deflater().finish('aa0000ffff');
  assert.deepEqual(frames, ['c101aa', '8102c3a9']);
  assert.equal(outbox.bufferedAmount, 8);
  deflater().finish('bb0000ffff');
  assert.deepEqual(frames.slice(2), ['c201bb', '81046c617374', '880203e8']);
  assert.equal(outbox.bufferedAmount, 0);
  assert.deepEqual(deflater().calls, ['run 6669727374', 'run 0102']);
});

test('a Close behind compression leaves soon, one behind a message in fragments perhaps never', () => {
  const { outbox, text, deflater } = create();
  text('first', true);
  assert.equal(outbox.closesSoon, false, 'there is none');
  outbox.takeTurn(() => {});
  outbox.close(unhex('03e8'));
  assert.equal(outbox.closesSoon, false);
  outbox.finishTurn();
  assert.equal(outbox.closesSoon, true);
  deflater().finish('aa0000ffff');
  assert.equal(outbox.closesSoon, false, 'it has left');
});

test('RFC 7692 §7.2.1: of a compressed message in fragments only the first frame has RSV1', () => {
  const { outbox, frames, deflater } = create();
  outbox.send(Opcode.Text, 'a', false, true);
  outbox.send(Opcode.Continuation, 'b', true, true);
  deflater().finish('aa');
  deflater().finish('bb0000ffff');
  assert.deepEqual(frames, ['4101aa', '8001bb']);
});

test('the caller may change bytes as soon as they wait', () => {
  const { outbox, frames, text, deflater } = create();
  text('x', true);
  const bytes = unhex('0102');
  outbox.send(Opcode.Binary, bytes, true, false);
  bytes.fill(9);
  deflater().finish('aa0000ffff');
  assert.deepEqual(frames, ['c101aa', '82020102']);
});

test('behind a message in fragments others wait, in order, also other turns', () => {
  const { outbox, frames, text } = create();
  outbox.takeTurn(() => outbox.sendInTurn(Opcode.Text, 'a', false, false));
  text('x');
  outbox.takeTurn(() => outbox.sendInTurn(Opcode.Text, 'c', true, false));
  text('y');
  outbox.close(unhex(''));
  outbox.sendInTurn(Opcode.Continuation, 'b', true, false);
  assert.deepEqual(frames, ['010161', '800162']);
  assert.deepEqual([outbox.bufferedAmount, outbox.bufferedBehind], [2, 2]);
  outbox.finishTurn();
  assert.deepEqual(frames.slice(2), ['810178', '810163']);
  assert.deepEqual([outbox.bufferedAmount, outbox.bufferedBehind], [1, 1]);
  outbox.finishTurn();
  assert.deepEqual(frames.slice(4), ['810179', '8800']);
  assert.deepEqual([outbox.bufferedAmount, outbox.bufferedBehind], [0, 0]);
});

test('what is sent while others leave stays behind those that still wait', () => {
  const { outbox, frames, text, deflater } = create((frame) => {
    if (frame === 'c101aa') outbox.send(Opcode.Text, 'z', true, false);
  });
  text('x', true);
  text('y');
  deflater().finish('aa0000ffff');
  assert.deepEqual(frames, ['c101aa', '810179', '81017a']);
});

test('without the extension nothing is compressed', () => {
  const frames: string[] = [];
  const write = (frame: Uint8Array) => void frames.push(hex(frame));
  const writer = new FrameWriter({ write }, undefined, Infinity);
  const outbox = new Outbox(writer, undefined, { onClose: () => assert.fail() });
  outbox.send(Opcode.Text, 'a', true, true);
  assert.deepEqual([frames, outbox.bufferedAmount], [['810161'], 0]);
});

test('a turn that begins while a message is compressed keeps its place', () => {
  const { outbox, frames, text, deflater } = create();
  text('x', true);
  outbox.takeTurn(() => outbox.sendInTurn(Opcode.Text, 'a', true, false));
  outbox.finishTurn();
  assert.deepEqual(frames, []);
  deflater().finish('aa0000ffff');
  assert.deepEqual(frames, ['c101aa', '810161']);
});

test('RFC 6455 §7.1.7: when the connection fails, what was sent leaves before the Close', () => {
  const { outbox, frames, text, deflater } = create();
  text('x', true);
  text('y');
  outbox.fail(unhex('03ea'));
  assert.deepEqual([frames, outbox.closing, outbox.bufferedAmount], [[], true, 4]);
  deflater().finish('aa0000ffff');
  assert.deepEqual(frames, ['c101aa', '810179', '880203ea']);
  assert.deepEqual([outbox.bufferedAmount, outbox.droppedAmount], [0, 0]);
});

test('RFC 6455 §7.1.7: when the connection fails, an unfinished message is not waited for', () => {
  const { outbox, frames, text, deflater } = create();
  outbox.takeTurn(() => outbox.sendInTurn(Opcode.Text, 'a', false, true));
  outbox.takeTurn(() => assert.fail());
  text('behind');
  outbox.fail(unhex('03ea'));
  assert.deepEqual([outbox.bufferedBehind, outbox.droppedAmount], [0, 6]);
  outbox.sendInTurn(Opcode.Continuation, 'b', true, false);
  outbox.finishTurn();
  deflater().finish('aa');
  assert.deepEqual(frames, ['4101aa', '880203ea']);
});

test('RFC 6455 §7.1.7: when the connection fails while a Close waits, it is closed now', () => {
  const { outbox, frames, text, deflater } = create();
  text('x', true);
  outbox.close(unhex('03e8'));
  outbox.fail(unhex('03ea'));
  assert.deepEqual(frames, ['880203ea']);
  assert.deepEqual([outbox.bufferedAmount, outbox.droppedAmount], [0, 3]);
  deflater().finish('aa0000ffff');
  assert.equal(frames.length, 1);
});

test('RFC 6455 §5.5.1: a turn that was dropped sends nothing more', () => {
  const { outbox, frames, text } = create();
  outbox.takeTurn(() => outbox.sendInTurn(Opcode.Text, 'a', false, false));
  text('y');
  outbox.drop();
  outbox.sendInTurn(Opcode.Continuation, 'b', true, false);
  outbox.finishTurn();
  assert.deepEqual(frames, ['010161']);
  assert.equal(outbox.bufferedAmount, 0);
});

test('what waits behind a message in fragments leaves in linear time', () => {
  const writer = new FrameWriter({ write() {} }, undefined, Infinity);
  const outbox = new Outbox(writer, undefined, { onClose() {} });
  outbox.takeTurn(() => {});
  const empty = new Uint8Array(0);
  for (let count = 0; count < 200_000; count++) outbox.send(Opcode.Binary, empty, true, false);
  const start = performance.now();
  outbox.finishTurn();
  // 5 s in quadratic time, 0.1 s in linear.
  assert.ok(performance.now() - start < 2_000);
});

const kind = { windowBits: 12, level: 6, memoryLevel: 5 };

/** Makes messages for many; their compression finishes when told to. */
function sharing() {
  const jobs: ((payload: string) => void)[] = [];
  const deflate = {
    deflate: (_kind: DeflateKind, _bytes: Uint8Array, onDone: (payload: Uint8Array) => void) =>
      void jobs.push((payload) => onDone(unhex(payload))),
  };
  const encoder = { arena: new FrameArena(), deflate };
  return { jobs, make: (text: string) => new SharedMessage(text, undefined, encoder) };
}

test('a message for many leaves at once, or behind what waits', () => {
  const { outbox, frames, text, deflater } = create();
  const { make } = sharing();
  outbox.share(make('a'), false);
  assert.deepEqual(frames, ['810161']);
  text('job', true);
  outbox.share(make('é'), false);
  outbox.takeTurn(() => {});
  outbox.share(make('b'), false);
  assert.equal(outbox.bufferedAmount, 3 + 2 + 1);
  deflater().finish('aa0000ffff');
  assert.deepEqual(frames.slice(1), ['c101aa', '8102c3a9']);
  assert.deepEqual([outbox.bufferedAmount, outbox.bufferedBehind], [1, 1]);
  outbox.finishTurn();
  assert.deepEqual(frames.slice(3), ['810162']);
  assert.equal(outbox.bufferedAmount, 0);
});

test('a message for many waits behind one in fragments, also when nothing else does', () => {
  const { outbox, frames } = create();
  const { make } = sharing();
  outbox.takeTurn(() => {});
  outbox.share(make('a'), false);
  assert.deepEqual([frames, outbox.bufferedBehind], [[], 1]);
  outbox.finishTurn();
  assert.deepEqual([frames, outbox.bufferedBehind], [['810161'], 0]);
});

test('a message for many is compressed once for two outboxes, which wait for it', () => {
  const { jobs, make } = sharing();
  const [one, two] = [create(undefined, kind), create(undefined, kind)];
  const message = make('abc');
  one.outbox.share(message, true);
  one.text('behind');
  two.outbox.share(message, true);
  assert.deepEqual([one.outbox.bufferedAmount, two.outbox.bufferedAmount], [9, 3]);
  assert.equal(jobs.length, 1);
  jobs[0]?.('aa');
  assert.deepEqual(one.frames, ['c101aa', '8106626568696e64']);
  assert.deepEqual(two.frames, ['c101aa']);
  assert.deepEqual([one.outbox.bufferedAmount, two.outbox.bufferedAmount], [0, 0]);
  two.outbox.share(message, true);
  assert.deepEqual(two.frames, ['c101aa', 'c101aa'], 'it is there already');
});

test('many messages that are compressed already leave without a call inside a call', () => {
  const { jobs, make } = sharing();
  const { outbox, frames, text, deflater } = create(undefined, kind);
  const message = make('abc');
  outbox.share(message, true);
  jobs[0]?.('aa');
  text('job', true);
  for (let count = 0; count < 50_000; count++) outbox.share(message, true);
  deflater().finish('bb0000ffff');
  assert.equal(frames.length, 50_002);
  assert.equal(outbox.bufferedAmount, 0);
});

test('with a window of its own an outbox compresses a message for many by itself', () => {
  const { jobs, make } = sharing();
  const { outbox, frames, deflater } = create();
  outbox.share(make('abc'), true);
  assert.deepEqual(deflater().calls, ['run 616263']);
  deflater().finish('cc0000ffff');
  assert.deepEqual([frames, jobs.length], [['c101cc'], 0]);
});

test('a message for many that was dropped while it was compressed is not sent', () => {
  const { jobs, make } = sharing();
  const { outbox, frames } = create(undefined, kind);
  outbox.share(make('abc'), true);
  outbox.drop();
  outbox.share(make('de'), true);
  jobs[0]?.('aa');
  assert.deepEqual([frames, outbox.bufferedAmount, outbox.droppedAmount], [[], 2, 3]);
  jobs[1]?.('bb');
  assert.deepEqual(frames, ['c101bb']);
});

test('a message for many that is held leaves when it is released, in order', () => {
  const { outbox, frames } = create();
  const { make } = sharing();
  outbox.release();
  outbox.send(Opcode.Text, 'x', false, false);
  outbox.hold(make('a'), false);
  outbox.hold(make('b'), false);
  assert.deepEqual([outbox.bufferedAmount, outbox.bufferedBehind], [2, 2]);
  outbox.send(Opcode.Continuation, 'y', true, false);
  outbox.release();
  assert.deepEqual(frames, ['010178', '800179', '810161', '810162']);
  assert.deepEqual([outbox.bufferedAmount, outbox.bufferedBehind], [0, 0]);
});

test('a message for many that is held counts as dropped when the Close leaves', () => {
  const { outbox, frames } = create();
  outbox.hold(sharing().make('abc'), false);
  outbox.close(unhex('03e8'));
  outbox.release();
  assert.deepEqual(frames, ['880203e8']);
  assert.deepEqual([outbox.bufferedAmount, outbox.droppedAmount], [0, 3]);
});

test('RFC 7692 §7.2.1: what is compressed at once leaves at once, and waits behind what is not', () => {
  const { outbox, frames, text, deflater } = create();
  text('first', true);
  deflater().quick.push('bb0000ffff', 'cc0000ffff', 'dd0000ffff');
  text('second', true);
  text('third', true);
  assert.deepEqual([frames, outbox.bufferedAmount], [[], 16]);
  deflater().finish('aa0000ffff');
  assert.deepEqual(frames, ['c101aa', 'c101bb', 'c101cc']);
  text('fourth', true);
  text('fifth', true);
  outbox.close(unhex('03e8'));
  assert.deepEqual(frames.slice(3), ['c101dd']);
  assert.deepEqual([outbox.bufferedAmount, outbox.closesSoon], [7, true]);
  deflater().finish('ee0000ffff');
  assert.deepEqual(frames.slice(4), ['c101ee', '880203e8']);
  assert.equal(outbox.bufferedAmount, 0);
});

test('RFC 7692 §6.1: fragments compressed at once, of which only the first frame has RSV1', () => {
  const { outbox, frames, text, deflater } = create();
  text('', true);
  deflater().finish('00 0000ffff'.replace(' ', ''));
  deflater().quick.push('aa0000ffff', 'bb0000ffff');
  outbox.send(Opcode.Text, 'a', false, true);
  outbox.send(Opcode.Continuation, 'b', true, true);
  assert.deepEqual(frames.slice(1), ['4105aa0000ffff', '8001bb']);
});
