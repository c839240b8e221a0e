import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import fc from 'fast-check';

import { parseExtensions } from '../../src/handshake/header-values.ts';
import {
  acceptDeflate,
  type DeflateAgreement,
  judgeExtensions,
  offerDeflate,
  selectSubprotocol,
} from '../../src/handshake/negotiate.ts';
import type { DeflateParameters } from '../../src/protocol/extension/permessage-deflate.ts';

const everything: DeflateParameters = {
  windowBits: 15,
  peerWindowBits: 15,
  contextTakeover: true,
  peerContextTakeover: true,
};
const thrifty: DeflateParameters = {
  windowBits: 12,
  peerWindowBits: 12,
  contextTakeover: false,
  peerContextTakeover: false,
};

function accept(offer: string, wanted = everything): DeflateAgreement | undefined {
  return acceptDeflate(parseExtensions(offer) ?? [], wanted);
}

describe('C-61: RFC 6455 §4.2.2: subprotocols', () => {
  test('F118: the first of the client that the server has', () => {
    const supported = ['chat', 'superchat'];
    assert.equal(selectSubprotocol(['chat', 'superchat'], supported), 'chat');
    assert.equal(selectSubprotocol(['superchat', 'chat'], supported), 'superchat');
    assert.equal(selectSubprotocol(['foo'], supported), undefined);
    assert.equal(selectSubprotocol(['foo', 'chat'], supported), 'chat');
    assert.equal(selectSubprotocol([], supported), undefined);
    assert.equal(selectSubprotocol(['Chat'], supported), undefined);
  });
});

describe('F123: RFC 7692 §5.1: what a server accepts', () => {
  test('§7.1: no parameters, no conditions', () => {
    assert.deepEqual(accept('permessage-deflate'), {
      header: 'permessage-deflate',
      parameters: everything,
    });
  });

  test('F124: §7.1.1.1: server_no_context_takeover is obeyed, and said unasked', () => {
    const asked = accept('permessage-deflate; server_no_context_takeover');
    assert.deepEqual(asked, {
      header: 'permessage-deflate; server_no_context_takeover',
      parameters: { ...everything, contextTakeover: false },
    });
    assert.deepEqual(
      accept('permessage-deflate', { ...everything, contextTakeover: false }),
      asked,
    );
  });

  test('F124: §7.1.1.2: client_no_context_takeover is taken up, and asked for', () => {
    const hinted = accept('permessage-deflate; client_no_context_takeover');
    assert.deepEqual(hinted, {
      header: 'permessage-deflate; client_no_context_takeover',
      parameters: { ...everything, peerContextTakeover: false },
    });
    const wanted = { ...everything, peerContextTakeover: false };
    assert.deepEqual(accept('permessage-deflate', wanted), hinted);
  });

  test('F124: §7.1.2.1: server_max_window_bits is the smaller of both, and said when asked', () => {
    for (let bits = 8; bits <= 15; bits++) {
      const agreed = accept(`permessage-deflate; server_max_window_bits=${bits}`, {
        ...everything,
        windowBits: 12,
      });
      const window = Math.min(bits, 12);
      assert.equal(agreed?.header, `permessage-deflate; server_max_window_bits=${window}`);
      assert.equal(agreed?.parameters.windowBits, window);
    }
    const full = accept('permessage-deflate; server_max_window_bits=15');
    assert.equal(full?.header, 'permessage-deflate; server_max_window_bits=15');
    const unasked = accept('permessage-deflate', { ...everything, windowBits: 9 });
    assert.equal(unasked?.header, 'permessage-deflate; server_max_window_bits=9');
  });

  test('F124: §7.1.2.2: client_max_window_bits is asked for only when it was offered', () => {
    const wanted = { ...everything, peerWindowBits: 12 };
    const open = accept('permessage-deflate; client_max_window_bits', wanted);
    assert.equal(open?.header, 'permessage-deflate; client_max_window_bits=12');
    assert.equal(open?.parameters.peerWindowBits, 12);
    const smaller = accept('permessage-deflate; client_max_window_bits=10', wanted);
    assert.equal(smaller?.header, 'permessage-deflate; client_max_window_bits=10');
    const larger = accept('permessage-deflate; client_max_window_bits=15', wanted);
    assert.equal(larger?.parameters.peerWindowBits, 12);
    const silent = accept('permessage-deflate', wanted);
    assert.deepEqual(silent, { header: 'permessage-deflate', parameters: everything });
    assert.equal(
      accept('permessage-deflate; client_max_window_bits')?.header,
      'permessage-deflate',
    );
  });

  test('quoted values count as if they were not', () => {
    const agreed = accept('permessage-deflate; server_max_window_bits="10"');
    assert.equal(agreed?.parameters.windowBits, 10);
  });

  test('CP-11: §7.1: a bad parameter declines its offer', () => {
    const bad = [
      ...['', '=""', '=7', '=16', '=1e1', '=010', '=08', '=+9', '=9.0', '=0x9', '=" 9"'].map(
        (value) => `server_max_window_bits${value}`,
      ),
      ...['=""', '=7', '=16', '=1e1', '=010', '='].map((value) => `client_max_window_bits${value}`),
      'server_no_context_takeover=1',
      'client_no_context_takeover=true',
      'client_no_context_takeover=""',
      'server_no_context_takeover; server_no_context_takeover',
      'server_max_window_bits=9; server_max_window_bits=9',
      'client_max_window_bits; client_max_window_bits=9',
      'unknown',
      'unknown=1',
      'Server_no_context_takeover',
      '__proto__',
      'constructor=1',
    ];
    for (const parameters of bad) {
      assert.equal(accept(`permessage-deflate; ${parameters}`), undefined, parameters);
      const next = accept(`permessage-deflate; ${parameters}, permessage-deflate`);
      assert.deepEqual(next?.parameters, everything, parameters);
    }
  });

  test('§5: the first acceptable of several offers counts', () => {
    const offers = [
      'x-webkit-deflate-frame',
      'permessage-deflate; server_max_window_bits=7',
      'permessage-deflate; server_max_window_bits=10',
      'permessage-deflate',
    ];
    assert.equal(accept(offers.join(', '))?.parameters.windowBits, 10);
    assert.equal(accept('x-webkit-deflate-frame, permessage-bzip2'), undefined);
    assert.equal(acceptDeflate([], everything), undefined);
  });
});

describe('RFC 7692 §7.1: what a client offers', () => {
  test('only what it wants otherwise than by default', () => {
    assert.equal(offerDeflate(everything), 'permessage-deflate; client_max_window_bits');
    assert.equal(
      offerDeflate(thrifty),
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'server_max_window_bits=12; client_max_window_bits=12',
    );
  });
});

describe('RFC 7692 §5.1: what a client takes for an answer', () => {
  const judge = (answer: string, offered = 'permessage-deflate; client_max_window_bits') =>
    judgeExtensions(answer, offered);

  function settled(answer: string, offered?: string): DeflateParameters {
    const agreed = judge(answer, offered);
    assert.ok(typeof agreed === 'object', answer);
    assert.equal(agreed.header, answer);
    return agreed.parameters;
  }

  test('an answer on the terms of the offer', () => {
    assert.deepEqual(settled('permessage-deflate'), everything);
    assert.deepEqual(settled('permessage-deflate; server_no_context_takeover'), {
      ...everything,
      peerContextTakeover: false,
    });
    assert.deepEqual(settled('permessage-deflate; client_no_context_takeover'), {
      ...everything,
      contextTakeover: false,
    });
    assert.equal(settled('permessage-deflate; server_max_window_bits=9').peerWindowBits, 9);
    assert.equal(settled('permessage-deflate; client_max_window_bits=8').windowBits, 8);
    assert.equal(settled('permessage-deflate; client_max_window_bits="8"').windowBits, 8);
  });

  test('what the client announced of itself binds it without an answer', () => {
    const offered = 'permessage-deflate; client_no_context_takeover; client_max_window_bits=10';
    assert.deepEqual(settled('permessage-deflate', offered), {
      ...everything,
      windowBits: 10,
      contextTakeover: false,
    });
  });

  test('§7.1.2.1: a window larger than asked for, or none named, is refused', () => {
    const offered = 'permessage-deflate; server_max_window_bits=10';
    assert.equal(
      settled('permessage-deflate; server_max_window_bits=9', offered).peerWindowBits,
      9,
    );
    assert.equal(judge('permessage-deflate; server_max_window_bits=11', offered), 'invalid');
    assert.equal(judge('permessage-deflate', offered), 'invalid');
  });

  test('§7.1.1.1: server_no_context_takeover that was asked for must be granted', () => {
    const offered = 'permessage-deflate; server_no_context_takeover';
    assert.equal(judge('permessage-deflate', offered), 'invalid');
    settled('permessage-deflate; server_no_context_takeover', offered);
  });

  test('§7.1.2.2: client_max_window_bits that was not offered, or is too large, is refused', () => {
    const answer = 'permessage-deflate; client_max_window_bits=12';
    assert.equal(judge(answer, 'permessage-deflate'), 'invalid');
    assert.equal(judge(answer, 'permessage-deflate; client_max_window_bits=11'), 'invalid');
    assert.equal(settled(answer, 'permessage-deflate; client_max_window_bits=13').windowBits, 12);
    assert.equal(judge('permessage-deflate; client_max_window_bits'), 'invalid');
  });

  test('an extension that was not offered is refused', () => {
    assert.equal(judge('permessage-bzip2'), 'unoffered');
    assert.equal(judge('permessage-deflate, permessage-bzip2'), 'unoffered');
    assert.equal(judge('permessage-deflate', ''), 'unoffered');
  });

  test('RFC 6455 §9.1: twice the same, malformed, and bad parameters are refused', () => {
    const bad = [
      'permessage-deflate, permessage-deflate',
      '',
      ';',
      'permessage-deflate; foo',
      'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
      'permessage-deflate; server_no_context_takeover=1',
      'permessage-deflate; server_max_window_bits',
      'permessage-deflate; server_max_window_bits=7',
      'permessage-deflate; server_max_window_bits=08',
      'permessage-deflate; client_max_window_bits=16',
    ];
    for (const answer of bad) assert.equal(judge(answer), 'invalid', answer);
  });

  test('of several offers one must allow the answer', () => {
    const offered =
      'foo, permessage-deflate; bar, permessage-deflate; server_max_window_bits=9, permessage-deflate';
    assert.equal(
      settled('permessage-deflate; server_max_window_bits=12', offered).peerWindowBits,
      12,
    );
    assert.equal(judge('foo', 'foo'), 'invalid');
  });
});

test('property: what a client offers and a server accepts, both understand alike', () => {
  const bits = fc.integer({ min: 8, max: 15 });
  const wanted = fc.record({
    windowBits: bits,
    peerWindowBits: bits,
    contextTakeover: fc.boolean(),
    peerContextTakeover: fc.boolean(),
  });
  fc.assert(
    fc.property(wanted, wanted, (client, server) => {
      const offered = offerDeflate(client);
      const there = accept(offered, server);
      assert.ok(there !== undefined);
      const here = judgeExtensions(there.header, offered);
      assert.ok(typeof here === 'object');
      assert.deepEqual(here.parameters, {
        windowBits: there.parameters.peerWindowBits,
        peerWindowBits: there.parameters.windowBits,
        contextTakeover: there.parameters.peerContextTakeover,
        peerContextTakeover: there.parameters.contextTakeover,
      });
      assert.ok(here.parameters.windowBits <= client.windowBits);
      assert.ok(here.parameters.peerWindowBits <= client.peerWindowBits);
    }),
  );
});
