import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type Header, refuse } from '../../src/handshake/decision.ts';
import { refusals, type Refusal } from '../../src/handshake/errors.ts';

const names = Object.keys(refusals) as Refusal[];

describe('refusals as answers', () => {
  test('every row becomes its status with the rule as text', () => {
    for (const name of names) {
      const [status, section, rule] = refusals[name];
      const refused = refuse(name);
      assert.equal(refused.accepted, false);
      assert.equal(refused.refusal, name);
      assert.equal(refused.status, status);
      assert.equal(refused.body, `${rule} (${section})\n`);
    }
  });

  const withHeaders: [Refusal, readonly Header[]][] = [
    ['METHOD_NOT_GET', [['Allow', 'GET']]],
    ['UNAVAILABLE', [['Retry-After', '5']]],
    ['APPLICATION_TIMEOUT', [['Retry-After', '5']]],
  ];

  test('RFC 7231 §6.5.5, §6.6.4: 405 says what is allowed, 503 when to come again', () => {
    for (const [name, headers] of withHeaders) assert.deepEqual(refuse(name).headers, headers);
    for (const name of names.filter((one) => refusals[one][0] === 405)) {
      assert.ok(refuse(name).headers.some(([header]) => header === 'Allow'));
    }
    for (const name of names.filter((one) => refusals[one][0] === 503)) {
      assert.ok(refuse(name).headers.some(([header]) => header === 'Retry-After'));
    }
  });

  test('RFC 6455 §4.4: every 426 names the version and the protocol', () => {
    const rows = names.filter((name) => refusals[name][0] === 426);
    assert.deepEqual(rows, ['UPGRADE_REQUIRED', 'VERSION_MISSING', 'VERSION_UNSUPPORTED']);
    for (const name of rows) {
      assert.deepEqual(refuse(name).headers, [
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Version', '13'],
      ]);
    }
  });

  test('the application may say it otherwise', () => {
    const refused = refuse('UNAUTHORIZED', {
      status: 401,
      headers: [['WWW-Authenticate', 'Basic realm="chat"']],
      body: 'who are you?',
    });
    assert.deepEqual(refused, {
      accepted: false,
      status: 401,
      refusal: 'UNAUTHORIZED',
      headers: [['WWW-Authenticate', 'Basic realm="chat"']],
      body: 'who are you?',
    });
  });
});
