import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  CloseCode,
  closeCodeName,
  isValidCloseCode,
} from '../../../src/protocol/closing/close-code.ts';

test('F005, F006: every registered close code has its value (RFC 6455 §7.4.1)', () => {
  assert.deepEqual(CloseCode, {
    Normal: 1000,
    GoingAway: 1001,
    ProtocolError: 1002,
    UnsupportedData: 1003,
    Reserved: 1004,
    NoStatus: 1005,
    Abnormal: 1006,
    InvalidPayload: 1007,
    PolicyViolation: 1008,
    MessageTooBig: 1009,
    MandatoryExtension: 1010,
    InternalError: 1011,
    ServiceRestart: 1012,
    TryAgainLater: 1013,
    BadGateway: 1014,
    TlsHandshake: 1015,
  });
});

test('a registered close code has a name, another has none', () => {
  for (const [name, code] of Object.entries(CloseCode)) assert.equal(closeCodeName(code), name);
  for (const code of [0, 999, 1016, 3000, 4999]) assert.equal(closeCodeName(code), undefined);
});

function expected(code: number, last: number): boolean {
  const registered = code >= 1000 && code <= last && ![1004, 1005, 1006].includes(code);
  return registered || (code >= 3000 && code <= 4999);
}

test('C-06, F007: codes 0–5000 and 65535 are valid as RFC 6455 §7.4 has them', () => {
  for (const code of [...Array(5001).keys(), 65_535]) {
    assert.equal(isValidCloseCode(code), expected(code, 1014), `${code}`);
    assert.equal(isValidCloseCode(code, {}), expected(code, 1014), `${code}`);
    assert.equal(isValidCloseCode(code, { registered: 'iana' }), expected(code, 1014), `${code}`);
    const strict = isValidCloseCode(code, { registered: 'rfc6455' });
    assert.equal(strict, expected(code, 1011), `${code}`);
  }
});

test('what is not an integer is no close code', () => {
  for (const code of [1000.5, NaN, Infinity, -1000]) assert.equal(isValidCloseCode(code), false);
});
