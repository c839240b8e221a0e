import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { answerOffers, offerOf, readAnswer } from '../../conformance/wire/negotiation.ts';

const name = 'permessage-deflate';

describe("the runner's negotiation", () => {
  test('RFC 7692 §7.1: an answer is judged by the offer it has to fit', () => {
    const offer = offerOf({ noContextTakeover: true, windowBits: 9 });
    const good = `${name}; server_no_context_takeover; server_max_window_bits=9`;
    assert.deepEqual(readAnswer(good, offer), {
      client: { windowBits: 15, noContextTakeover: false },
      server: { windowBits: 9, noContextTakeover: true },
    });
    assert.equal(readAnswer(undefined, offer), undefined);
    for (const bad of [
      name,
      `${name}; server_no_context_takeover; server_max_window_bits=10`,
      `${name}; server_max_window_bits=9`,
      `${good}; server_max_window_bits=9`,
      `${good}; unknown`,
      `${good}; client_max_window_bits`,
      `${good}, ${good}`,
      'x-unknown',
    ]) {
      assert.equal(typeof readAnswer(bad, offer), 'string', bad);
    }
  });

  test('RFC 7692 §7.1.2.2: client_max_window_bits is answered only where it was offered', () => {
    assert.equal(typeof readAnswer(`${name}; client_max_window_bits=10`, name), 'string');
    assert.equal(typeof readAnswer(`${name}; client_max_window_bits=10`, offerOf({})), 'object');
  });

  test('RFC 7692 §7.1: the fuzzer as a server takes the first wish some offer allows', () => {
    const wishes = [{ noContextTakeover: true, windowBits: 9 }, { noContextTakeover: true }];
    assert.equal(
      answerOffers(`${name}; client_max_window_bits`, wishes)?.header,
      `${name}; client_no_context_takeover; client_max_window_bits=9`,
    );
    assert.equal(answerOffers(name, wishes)?.header, `${name}; client_no_context_takeover`);
    assert.equal(answerOffers(name, [{ windowBits: 9 }]), undefined);
    assert.equal(answerOffers('x-unknown', [{}]), undefined);
    assert.equal(
      answerOffers(`${name}; server_no_context_takeover; server_max_window_bits=11`, [{}])?.header,
      `${name}; server_no_context_takeover; server_max_window_bits=11`,
    );
  });
});
