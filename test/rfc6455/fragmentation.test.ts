import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fails, frame, payload, received } from '../support/frames.ts';
import { hex, open, unhex } from '../support/recorder.ts';

test('C-26: RFC 6455 §5.4: a continuation of nothing fails with 1002', () => {
  fails(['800161'], 'CONTINUATION_UNEXPECTED');
  fails(['810162', '800161'], 'CONTINUATION_UNEXPECTED', [['text', 'b']]);
});

test('C-27: RFC 6455 §5.4: a new message inside one in fragments fails with 1002', () => {
  fails(['010161', '810162'], 'CONTINUATION_EXPECTED');
  fails(['010161', '010162'], 'CONTINUATION_EXPECTED');
});

test('C-47: RFC 6455 §5.4: two fragments make one text', () => {
  const frames = [frame('01', payload('Hello')), frame('80', payload('World'))];
  received(frames, ({ events }) => assert.deepEqual(events, [['text', 'HelloWorld']]));
});

test('C-48: RFC 6455 §5.4, §5.5.2: a ping between fragments is answered, the message is whole', () => {
  received(['0203010203', '89026869', '8003040506'], (recorder, _, role) => {
    assert.deepEqual(recorder.events, [
      ['ping', '6869'],
      ['binary', '010203040506'],
    ]);
    const { protocol, recorder: peer } = open({ role: role === 'client' ? 'server' : 'client' });
    protocol.receive(unhex(recorder.wire));
    assert.deepEqual(peer.events, [['pong', '6869']]);
  });
});

test('RFC 6455 §5.4: fragments may be empty, the first and the last too', () => {
  const frames = ['0100', '0000', '000161', '8000'];
  received(frames, ({ events }) => assert.deepEqual(events, [['text', 'a']]));
});

test('RFC 6455 §5.4: a Close may come between fragments; the message is never told', () => {
  received(['010161', '880203e8', '800162'], ({ events }) => {
    assert.deepEqual(events, [
      ['close', 1000, ''],
      ['close sent', 1000, ''],
      ['end', 1000, ''],
    ]);
  });
});

test('RFC 6455 §5.4: a message is sent in fragments of the size asked for', () => {
  const { protocol, recorder } = open({ role: 'server', maxFragmentSize: 2 });
  protocol.send('abcde');
  assert.deepEqual(recorder.written.map(hex), ['01026162', '00026364', '800165']);
});
