import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ProtocolError } from '../../../src/protocol/errors.ts';
import { FrameDecoder } from '../../../src/protocol/frame/decoder.ts';
import { FrameHeader } from '../../../src/protocol/frame/header.ts';
import {
  type AssemblerRules,
  MessageAssembler,
} from '../../../src/protocol/receiving/assembler.ts';
import type { MessageHeader, MessageSink } from '../../../src/protocol/receiving/message-sink.ts';
import { atEveryCut, feed, hex, unhex } from '../../support/recorder.ts';
import { provideTransfer } from '../../support/transfer.ts';

/** Lists what the assembler passes on; where it waits, the decoder waits. */
class Sink implements MessageSink {
  readonly events: string[] = [];
  readonly ranges: Uint8Array[] = [];
  onWait: () => void = () => {};

  onMessage(
    header: MessageHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    checked: boolean,
  ) {
    this.ranges.push(bytes);
    const bits = `${header.opcode}${header.rsv > 0 ? ` rsv ${header.rsv}` : ''}`;
    this.#note(`message ${bits}`, bytes, start, end, checked ? ' checked' : '');
  }

  onPiece(
    header: MessageHeader,
    bytes: Uint8Array,
    start: number,
    end: number,
    first: boolean,
    last: boolean,
  ) {
    const place = `${first ? ' first' : ''}${last ? ' last' : ''}`;
    this.#note(`piece ${header.opcode}`, bytes, start, end, place);
  }

  onCompressed(bytes: Uint8Array, start: number, end: number, last: boolean) {
    this.#note('compressed', bytes, start, end, last ? ' last' : '');
  }

  onControl(header: MessageHeader, bytes: Uint8Array, start: number, end: number) {
    this.#note(
      `control ${header.opcode}${header.rsv > 0 ? ` rsv ${header.rsv}` : ''}`,
      bytes,
      start,
      end,
    );
  }

  onOversized() {
    this.events.push('oversized');
    this.onWait();
  }

  #note(what: string, bytes: Uint8Array, start: number, end: number, rest = '') {
    this.events.push(`${what}: ${hex(bytes.subarray(start, end))}${rest}`);
  }
}

function create(rules: Partial<AssemblerRules> = {}, compression = false) {
  const sink = new Sink();
  const assembler = new MessageAssembler(
    sink,
    {
      maxMessageSize: 1000,
      maxWholeSize: Math.min(rules.maxMessageSize ?? 1000, rules.receiveBuffer?.max ?? Infinity),
      maxFragments: 20,
      maxStreamedSize: Infinity,
      validateUtf8: true,
      pieces: false,
      givenChunks: false,
      receiveBuffer: { initial: 16, growBy: 0, max: Infinity },
      ...rules,
    },
    compression,
  );
  const frames = { masked: false, allowRsv1: true, allowReserved: true };
  const decoder = new FrameDecoder(frames, assembler);
  sink.onWait = () => decoder.suspend();
  const take = (wire: string) => decoder.decode(unhex(wire));
  return { sink, assembler, decoder, take };
}

/** The events of a wire, the same at every cut, and the rule it breaks, if any. */
function eventsOf(wire: string, rules: Partial<AssemblerRules> = {}): string[] {
  const bytes = unhex(wire);
  const results = new Set<string>();
  atEveryCut(bytes, (cuts) => {
    const { sink, decoder } = create(rules);
    try {
      feed((chunk) => decoder.decode(chunk), bytes, cuts);
    } catch (error) {
      assert.ok(error instanceof ProtocolError);
      sink.events.push(error.violation);
    }
    // Whether text is known to be valid depends on how it came.
    results.add(sink.events.join('\n').replaceAll(' checked', ''));
  });
  assert.equal(results.size, 1, [...results].join('\n--\n'));
  return [...results].join('').split('\n');
}

test('RFC 6455 §5.4: fragments are joined, control frames between them pass at once', () => {
  assert.deepEqual(eventsOf('0103616263 8903686970 00016a 8a00 800164 82020102'), [
    'control 9: 686970',
    'control 10: ',
    'message 1: 6162636a64',
    'message 2: 0102',
  ]);
});

test('F020: a message that came whole is passed on uncopied', () => {
  const { sink, decoder } = create();
  const chunk = unhex('820401020304');
  decoder.decode(chunk);
  assert.equal(sink.ranges[0], chunk);
});

test('F020: a payload in one piece behind its header is passed on uncopied, and left to its decoder', () => {
  const { sink, decoder } = create();
  for (const header of ['8202', '8102']) {
    decoder.decode(unhex(header));
    const chunk = unhex('ff80');
    decoder.decode(chunk);
    assert.equal(sink.ranges.at(-1), chunk);
  }
  assert.deepEqual(sink.events, ['message 2: ff80', 'message 1: ff80']);
});

test('RFC 6455 §5.4: a text or binary message that fits is taken whole, and nothing else is', () => {
  const wholes: [string, Partial<FrameHeader>, Partial<AssemblerRules>?, boolean?][] = [
    ['text', { opcode: 1 }],
    ['binary', { opcode: 2 }],
    ['bits without compression', { opcode: 2, rsv: 7 }],
    ['other bits than RSV1', { opcode: 2, rsv: 3 }, {}, true],
    ['the largest message', { opcode: 2, payloadLength: 1000 }],
    ['before the decision', { opcode: 2 }, { pieces: 'undecided' }],
  ];
  const others: typeof wholes = [
    ['a first fragment', { opcode: 2, fin: false }],
    ['a continuation', { opcode: 0 }],
    ['a reserved opcode', { opcode: 3 }],
    ['a control frame', { opcode: 9 }],
    ['a compressed message', { opcode: 2, rsv: 4 }, {}, true],
    ['a message too large', { opcode: 2, payloadLength: 1001 }],
    ['pieces', { opcode: 2 }, { pieces: true }],
  ];
  for (const list of [wholes, others]) {
    for (const [what, fields, rules, compression] of list) {
      const { assembler } = create(rules, compression);
      const header = Object.assign(new FrameHeader(), { fin: true, ...fields });
      assert.equal(assembler.takesWhole(header), list === wholes, what);
    }
  }
  const { assembler, take } = create();
  take('020101');
  const inside = Object.assign(new FrameHeader(), { fin: true, opcode: 2 });
  assert.equal(assembler.takesWhole(inside), false);
});

test('F049: empty messages and fragments', () => {
  assert.deepEqual(eventsOf('8100 8200 0200 0000 8000'), [
    'message 1: ',
    'message 2: ',
    'message 2: ',
  ]);
});

test('RFC 6455 §8.1: gathered text is checked as it comes, whole text is left to its decoder', () => {
  const { sink, take } = create();
  take('8103e282ac 0102e282 8001ac 0202ff80 800100');
  assert.deepEqual(sink.events, [
    'message 1: e282ac',
    'message 1: e282ac checked',
    'message 2: ff8000',
  ]);
});

test('F036: text fails at the first impossible byte, also inside one frame', () => {
  const { sink, take } = create();
  take('8105 61f4');
  assert.throws(() => take('90'), { violation: 'INVALID_UTF8' });
  assert.deepEqual(eventsOf('0102e282 800161'), ['INVALID_UTF8']);
  assert.deepEqual(eventsOf('0102e282 8000'), ['INVALID_UTF8']);
  assert.deepEqual(sink.events, []);
});

test('F037: with validateUtf8 off, text is what the peer sent', () => {
  assert.deepEqual(eventsOf('0101ff 8001e2', { validateUtf8: false }), ['message 1: ffe2']);
});

test('RFC 6455 §5.4: the frames of a message come in order', () => {
  assert.deepEqual(eventsOf('800161'), ['CONTINUATION_UNEXPECTED']);
  assert.deepEqual(eventsOf('8200 0000'), ['message 2: ', 'CONTINUATION_UNEXPECTED']);
  assert.deepEqual(eventsOf('010161 810162'), ['CONTINUATION_EXPECTED']);
  assert.deepEqual(eventsOf('010161 010162'), ['CONTINUATION_EXPECTED']);
});

test('RFC 6455 §10.4: a message has a greatest size, judged from its headers', () => {
  const rules = { maxMessageSize: 4 };
  assert.deepEqual(eventsOf('820401020304', rules), ['message 2: 01020304']);
  assert.deepEqual(eventsOf('020401020304 8000', rules), ['message 2: 01020304']);
  assert.deepEqual(eventsOf('8205', rules), ['MESSAGE_TOO_BIG']);
  assert.deepEqual(eventsOf('02020102 8003', rules), ['MESSAGE_TOO_BIG']);
  assert.deepEqual(eventsOf('02020102 8002 0304 820101', rules), [
    'message 2: 01020304',
    'message 2: 01',
  ]);
});

test('RFC 6455 §10.4: a message has a greatest number of fragments', () => {
  const rules = { maxFragments: 3 };
  assert.deepEqual(eventsOf('020101 000102 800103', rules), ['message 2: 010203']);
  assert.deepEqual(eventsOf('020101 000102 000103 8000', rules), ['TOO_MANY_FRAGMENTS']);
});

test('RFC 6455 §10.4: at most 16 empty fragments in a row', () => {
  const sixteen = `0200${'0000'.repeat(15)}`;
  assert.deepEqual(eventsOf(`${sixteen}000101 ${'0000'.repeat(2)} 8000`), ['message 2: 01']);
  assert.deepEqual(eventsOf(`${sixteen}8000`), ['TOO_MANY_FRAGMENTS']);
  assert.deepEqual(eventsOf(`${sixteen}8000`, { pieces: true }), ['TOO_MANY_FRAGMENTS']);
});

test('F134: the memory for an unfinished message limits every message, at every cut', () => {
  const rules = { receiveBuffer: { initial: 16, growBy: 4, max: 8 } };
  const eight = ['message 2: 0102030405060708'];
  assert.deepEqual(eventsOf('82080102030405060708', rules), eight);
  assert.deepEqual(eventsOf('0204 01020304 8004 05060708', rules), eight);
  assert.deepEqual(eventsOf('8209010203040506070809', rules), ['MESSAGE_TOO_BIG']);
  assert.deepEqual(eventsOf('0204 01020304 8005 0506070809', rules), ['MESSAGE_TOO_BIG']);
  assert.deepEqual(eventsOf('8209', rules), ['MESSAGE_TOO_BIG']);
  assert.deepEqual(eventsOf('8202 0102', { ...rules, maxMessageSize: 1 }), ['MESSAGE_TOO_BIG']);
});

test('F134: no more memory is taken than the smaller of both limits', () => {
  for (const [maxMessageSize, max] of [
    [100, Infinity],
    [1_000, 100],
  ] as const) {
    const receiveBuffer = { initial: 1_000, growBy: 0, max };
    const { assembler, take } = create({ maxMessageSize, receiveBuffer });
    take('02020102');
    assert.equal(assembler.heldAmount, 100);
  }
});

test('F134: pieces need no memory, so that its limit leaves them alone', () => {
  const { sink, take } = create({ pieces: true, receiveBuffer: { initial: 1, growBy: 1, max: 1 } });
  take('8203 010203');
  assert.deepEqual(sink.events, ['piece 2: 010203 first last']);
});

test('F134: what comes out of the inflater is limited by the memory as well', () => {
  const { assembler, take } = create({ receiveBuffer: { initial: 4, growBy: 4, max: 4 } }, true);
  take('4201aa');
  assembler.append(new Uint8Array(4), 0, 4, false);
  assert.throws(() => assembler.append(new Uint8Array(1), 0, 1, false), {
    violation: 'MESSAGE_TOO_BIG',
  });
});

test('F046: in pieces, a message passes as it arrives; empty pieces say nothing unless they end it', () => {
  const { sink, take, assembler } = create({ pieces: true, maxMessageSize: 2, maxFragments: 2 });
  for (const chunk of ['0100 0003', '61', '62', '63 0000 0000', '8000', '8100', '8202', '0102'])
    take(chunk);
  assert.deepEqual(sink.events, [
    'piece 1: 61 first',
    'piece 1: 62',
    'piece 1: 63',
    'piece 1:  last',
    'piece 1:  first last',
    'piece 2: 0102 first last',
  ]);
  assert.equal(assembler.midMessage, false);
});

test('F046: the text of pieces is valid so far, and valid at the end', () => {
  const { sink, take } = create({ pieces: true });
  take('0102 61e2');
  assert.throws(() => take('800161'), { violation: 'INVALID_UTF8' });
  assert.deepEqual(sink.events, ['piece 1: 61e2 first']);
  const other = create({ pieces: true });
  assert.throws(() => other.take('8102 61e2'), { violation: 'INVALID_UTF8' });
});

test('F046: pieces of bytes are no text, and with validateUtf8 off no text is checked', () => {
  const bytes = create({ pieces: true });
  bytes.take('8202 ff80');
  assert.deepEqual(bytes.sink.events, ['piece 2: ff80 first last']);
  const unchecked = create({ pieces: true, validateUtf8: false });
  unchecked.take('8102 ff80');
  assert.deepEqual(unchecked.sink.events, ['piece 1: ff80 first last']);
});

test('F047: pieces have a limit of their own', () => {
  const rules = { pieces: true, maxMessageSize: 1, maxStreamedSize: 4 };
  const { take } = create(rules);
  take('02020102 0002 0304');
  assert.throws(() => take('0001'), { violation: 'MESSAGE_TOO_BIG' });
});

test('undecided, a message that fits is whole, and a larger one waits for the decision', () => {
  const { sink, take, assembler, decoder } = create({ pieces: 'undecided', maxMessageSize: 4 });
  take('820401020304 02020102 0003 030405 8000');
  assert.deepEqual(sink.events, ['message 2: 01020304', 'oversized']);
  assembler.decide(true);
  decoder.resume();
  assert.deepEqual(sink.events.slice(2), [
    'piece 2: 0102 first',
    'piece 2: 030405',
    'piece 2:  last',
  ]);
  take('820101');
  assert.deepEqual(sink.events.slice(5), ['piece 2: 01 first last']);
});

test('undecided, a message of too many fragments waits as well', () => {
  for (const pieces of [true, false]) {
    const { sink, take, assembler, decoder } = create({ pieces: 'undecided', maxFragments: 2 });
    take('020101 000102 800103');
    assert.deepEqual(sink.events, ['oversized']);
    if (pieces) {
      assembler.decide(true);
      decoder.resume();
      assert.deepEqual(sink.events.slice(1), ['piece 2: 0102 first', 'piece 2: 03 last']);
    } else {
      assert.throws(() => assembler.decide(false), { violation: 'TOO_MANY_FRAGMENTS' });
    }
  }
});

test('a decision for whole messages refuses the one that waits, too large', () => {
  const { take, assembler } = create({ pieces: 'undecided', maxMessageSize: 4 });
  take('8205');
  assert.throws(() => assembler.decide(false), { violation: 'MESSAGE_TOO_BIG' });
});

test('a decision takes effect at once for a message of which nothing has come, and between messages', () => {
  const { sink, take, assembler } = create({ pieces: 'undecided' });
  take('0200');
  assembler.decide(true);
  assembler.decide(true);
  take('800101');
  assembler.decide(false);
  take('820102');
  assert.deepEqual(sink.events, ['piece 2: 01 first last', 'message 2: 02']);
});

test('RFC 7692 §6.2: compressed payload goes to the extension, its output makes the message', () => {
  const { sink, take, assembler } = create({}, true);
  take('4102aabb 890161 8001cc');
  assert.deepEqual(sink.events, ['compressed: aabb', 'control 9: 61', 'compressed: cc last']);
  assembler.append(unhex('6162'), 0, 2, false);
  assembler.append(unhex(''), 0, 0, true);
  assert.equal(sink.events.at(-1), 'message 1 rsv 4: 6162 checked');
  take('820101');
  assert.equal(sink.events.at(-1), 'message 2: 01');
});

test('RFC 7692 §8: what comes out of the inflater is limited, what goes in by twice as much', () => {
  const { assembler, take } = create({ maxMessageSize: 4 }, true);
  take('4201aa');
  assembler.append(new Uint8Array(4), 0, 4, false);
  assert.throws(() => assembler.append(new Uint8Array(1), 0, 1, false), {
    violation: 'MESSAGE_TOO_BIG',
  });
  const payload = create({ maxMessageSize: 4 }, true);
  payload.take('427e0408');
  assert.throws(() => payload.decoder.decode(new Uint8Array(1032)) ?? payload.take('8001'), {
    violation: 'MESSAGE_TOO_BIG',
  });
});

test('F022: bits and reserved opcodes are told with what they came with', () => {
  assert.deepEqual(eventsOf('b10161 f30162 db00'), [
    'message 1 rsv 3: 61',
    'message 3 rsv 7: 62',
    'control 11 rsv 5: ',
  ]);
});

test('a dropped message frees its memory, and a decision about it changes nothing', () => {
  const { sink, take, assembler } = create({ pieces: 'undecided' });
  take('0203010203 8903 61');
  assert.equal(assembler.midMessage, true);
  assembler.drop();
  assert.equal(assembler.midMessage, false);
  assembler.decide(true);
  assert.deepEqual(sink.events, []);
});

test('the memory of unfinished messages and control frames is told', () => {
  const rules = {
    maxMessageSize: 1_000,
    maxWholeSize: 1_000,
    maxFragments: 10,
    maxStreamedSize: Infinity,
    validateUtf8: true,
    pieces: false,
    givenChunks: false,
    receiveBuffer: { initial: 64, growBy: 0, max: Infinity },
  } as const;
  const assembler = new MessageAssembler(new Sink(), rules, false);
  const decoder = new FrameDecoder({ masked: false, allowRsv1: false }, assembler);
  decoder.decode(unhex('02020102'));
  assert.equal(assembler.heldAmount, 64);
  decoder.decode(unhex('890201'));
  assert.equal(assembler.heldAmount, 64 + 125);
  decoder.decode(unhex('02800103'));
  assert.equal(assembler.heldAmount, 0);
});

test('what the last frame announced gets its memory at once, what a compressed one did does not', () => {
  for (const [wire, held] of [
    ['8264', 100],
    ['0264', 60],
    ['c264', 60],
  ] as const) {
    const { assembler, decoder, take } = create({}, true);
    take(wire);
    const part = new Uint8Array(60);
    if (wire === 'c264') assembler.append(part, 0, 60, false);
    else decoder.decode(part);
    assert.equal(assembler.heldAmount, held, wire);
  }
});

test('given chunks are freed with the message that was joined from them, and what was inflated', (t) => {
  provideTransfer(t);
  for (const [givenChunks, compression, length] of [
    [true, false, 0],
    [true, true, 0],
    [false, false, 8192],
    [false, true, 8192],
  ] as const) {
    const { assembler, take } = create({ givenChunks, maxMessageSize: 9000 }, compression);
    const chunk = new Uint8Array(8192);
    take(compression ? 'c27e2001' : '827e2001');
    assembler.append(chunk, 0, 8192, false);
    assembler.append(new Uint8Array(1), 0, 1, true);
    assert.equal(chunk.length, length);
  }
});
