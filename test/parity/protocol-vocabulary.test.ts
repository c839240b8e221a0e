import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  acceptKey,
  applyMask,
  CloseCode,
  currentVersion,
  type Decision,
  encodeFrame,
  HandshakeError,
  isReservedOpcode,
  isValidCloseCode,
  judgeRequest,
  judgeResponse,
  Opcode,
  parseVersion,
  type ProtocolError,
  requestHead,
  supportedVersions,
} from '../../src/protocol/index.ts';
import { roles, wireTo } from '../support/frames.ts';
import { join } from '../support/pair.ts';
import { open, unhex } from '../support/recorder.ts';

test('F001, F002: the opcodes have names, and the reserved ones can be told', () => {
  assert.deepEqual(
    [Opcode.Continuation, Opcode.Text, Opcode.Binary, Opcode.Close, Opcode.Ping, Opcode.Pong],
    [0, 1, 2, 8, 9, 10],
  );
  const all = Array.from({ length: 16 }, (_, opcode) => opcode);
  assert.deepEqual(all.filter(isReservedOpcode), [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]);
});

test('F003: FIN and RSV stand in the first byte of a frame', () => {
  const first = (opcode: Opcode, options = {}) => encodeFrame(opcode, 'a', options)[0];
  assert.deepEqual(
    [
      first(Opcode.Text),
      first(Opcode.Binary),
      first(Opcode.Text, { fin: false }),
      first(Opcode.Continuation),
      first(Opcode.Text, { rsv: 4 }),
    ],
    [0x81, 0x82, 0x01, 0x80, 0xc1],
  );
});

test('F005, F006, F007: close codes have names, and what may not be sent can be told', () => {
  const { Normal, GoingAway, Reserved, NoStatus, Abnormal, InternalError, TlsHandshake } =
    CloseCode;
  assert.deepEqual(
    [Normal, GoingAway, Reserved, NoStatus, Abnormal, InternalError, TlsHandshake],
    [1000, 1001, 1004, 1005, 1006, 1011, 1015],
  );
  const valid = Array.from({ length: 3000 }, (_, code) => code).filter((code) =>
    isValidCloseCode(code),
  );
  assert.deepEqual(valid, [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]);
  assert.deepEqual(
    [3000, 4999, 5000].map((code) => isValidCloseCode(code)),
    [true, true, false],
  );
});

test('F009, F010, F011, F012: masks, versions and the accept value', () => {
  const bytes = unhex('48656c6c6f');
  applyMask(bytes, 0, bytes.length, 0x37fa_213d);
  assert.deepEqual(bytes, unhex('7f9f4d5158'));
  assert.deepEqual(['13', '8', '9', '1.6', ''].map(parseVersion), [
    13,
    8,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual([currentVersion(), supportedVersions], [13, [13]]);
  assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

/** The code of the error that a refusal becomes. */
function codeOf(decision: Decision): string {
  assert.ok(!decision.accepted);
  return new HandshakeError(decision.refusal).code;
}

/** Judges a good opening request of which one header was changed or left out. */
function askWith(name: string, value?: string): string {
  const { headers } = requestHead({ target: '/', host: 'example.com' });
  const others = headers.filter(([other]) => other !== name);
  return codeOf(
    judgeRequest({
      method: 'GET',
      target: '/',
      httpVersion: '1.1',
      headers: value === undefined ? others : [...others, [name, value]],
    }),
  );
}

/** The code of the error that bytes in hex, and then the transport's end, cause at a server. */
function violate(wire: string): string | undefined {
  const { protocol, recorder } = open({ role: 'server', maxMessageSize: 100 });
  const codes: string[] = [];
  recorder.onViolation = (error: ProtocolError) => codes.push(error.code);
  protocol.receive(unhex(wire));
  protocol.receiveEnd();
  return codes[0];
}

test('F013: each of the twelve causes has a code of its own', () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const answer = (statusCode: number, accept: string) =>
    codeOf(
      judgeResponse(
        {
          statusCode,
          headers: [
            ['Upgrade', 'websocket'],
            ['Connection', 'Upgrade'],
            ['Sec-WebSocket-Accept', accept],
          ],
        },
        { key },
      ),
    );
  assert.deepEqual(
    [
      askWith('Upgrade'),
      askWith('Sec-WebSocket-Version'),
      askWith('Sec-WebSocket-Version', '8'),
      askWith('Sec-WebSocket-Key'),
      answer(101, 'wrong'),
      answer(401, acceptKey(key)),
      violate('82e500000000'),
      violate('8282000000'),
      violate('c280'),
      violate('8380'),
      violate('8200'),
      violate('80810000000061'),
    ],
    [
      'ERR_NO_HANDSHAKE',
      'ERR_NO_VERSION',
      'ERR_UNSUPPORTED_VERSION',
      'ERR_NO_KEY',
      'ERR_WRONG_ACCEPT',
      'ERR_UNAUTHORIZED',
      'ERR_PAYLOAD_TOO_BIG',
      'ERR_INCOMPLETE_FRAME',
      'ERR_INVALID_RSV',
      'ERR_INVALID_OPCODE',
      'ERR_UNMASKED_FRAME',
      'ERR_PROTOCOL_VIOLATION',
    ],
  );
});

for (const role of roles) {
  test(`F004: a ${role} sends a text and a binary message, and the peer sees which is which`, () => {
    const { near, farEvents, exchange } = join(role);
    near.protocol.send('ab');
    near.protocol.send(unhex('6162'));
    exchange();
    assert.deepEqual(farEvents, [
      ['text', 'ab'],
      ['binary', '6162'],
    ]);
  });

  test(`F006, F008: a ${role} refuses to send 1004, 1005, 1006 and 1015`, () => {
    const { protocol, recorder } = open({ role });
    for (const code of [1004, 1005, 1006, 1015]) {
      assert.throws(() => protocol.close(code), RangeError);
    }
    assert.deepEqual([recorder.wire, protocol.state], ['', 'open']);
  });

  test(`F014: the error that a ${role} is told has the close code that is sent`, () => {
    for (const [wire, code] of [
      ['8300', 1002],
      ['8101ff', 1007],
      ['8165', 1009],
    ] as const) {
      const { protocol, recorder } = open({ role, maxMessageSize: 100 });
      const errors: ProtocolError[] = [];
      recorder.onViolation = (error: ProtocolError) => errors.push(error);
      protocol.receive(wireTo(role, [wire]));
      assert.equal(errors[0]?.closeCode, code);
      assert.deepEqual(recorder.events[0]?.slice(0, 2), ['close sent', code]);
    }
  });

  test(`F015: the states of a ${role} that closes first, and of one that closes second`, () => {
    const first = join(role);
    first.near.protocol.close();
    assert.equal(first.near.protocol.state, 'close-sent');
    first.exchange();
    assert.equal(first.near.protocol.state, 'closed');
    const second = join(role, { echoClose: false });
    second.far.protocol.close();
    second.exchange();
    assert.equal(second.near.protocol.state, 'close-received');
    second.near.protocol.close();
    assert.equal(second.near.protocol.state, 'closed');
  });
}
