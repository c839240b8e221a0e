import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { Judge } from '../../fuzz/engine/judge.ts';
import { catalogue } from '../../fuzz/targets/catalogue.ts';
import { differences, type OwnOutcome } from '../../fuzz/targets/differences.ts';

test('there are eight targets and the comparison with ws', () => {
  assert.deepEqual(
    catalogue.map(({ name }) => name),
    [
      'server-parser',
      'client-parser',
      'request-head',
      'response-head',
      'extension-header',
      'deflate',
      'url-and-options',
      'closing',
      'ws-receiver',
    ],
  );
});

for (const target of catalogue) {
  test(`${target.name}: no seed fails, whole or byte by byte, and some say something`, async () => {
    const judge = new Judge(target);
    let events = 0;
    for (const seed of target.seeds) {
      const bytewise = Array.from(seed, (_, index) => index);
      const { trace, fault } = await judge.judge(seed, [bytewise]);
      assert.equal(fault, undefined, Buffer.from(seed).toString('hex'));
      events += trace.length;
    }
    assert.ok(events >= target.seeds.length);
  });
}

test('the seeds of the handshake get as far as an agreement', async () => {
  const agreements = [
    ['request-head', /"accepted":true.*permessage-deflate/],
    ['response-head', /^accepted.*permessage-deflate/m],
    ['response-head', /^refused,STATUS_NOT_101,500,.*,sorry$/m],
    [
      'extension-header',
      /^agreed,permessage-deflate; server_max_window_bits=9; client_max_window_bits=10$/m,
    ],
    ['url-and-options', /"port":8443/],
    ['deflate', /^binary,48656c6c6f$/m],
    ['closing', /^end,1000,/m],
  ] as const;
  for (const [name, pattern] of agreements) {
    const target = catalogue.find((one) => one.name === name);
    const lines: string[] = [];
    for (const seed of target?.seeds ?? []) {
      const { trace } = await new Judge(target ?? assert.fail()).judge(seed, []);
      lines.push(...trace.map(String));
    }
    assert.match(lines.join('\n'), pattern);
  }
});

describe('differences from ws', () => {
  const examples: readonly (readonly [name: string, stream: string])[] = [
    ['lengths are minimal', '01827e0001 61'],
    ['the top bit of a length', '01827f8000000000000000'],
    ['text is checked as it arrives', '01010180 8900 800161'],
    ['fragments are counted by their headers', `01020161${'000161'.repeat(7)}0001`],
    ['a header is judged when it is whole', '008881'],
    ['of two broken rules in a header another is named', '01807f0020000000000000'],
  ];

  test('each has an example', () => {
    assert.deepEqual(
      differences.map(({ name }) => name),
      examples.map(([name]) => name),
    );
  });

  for (const [name, stream] of examples) {
    test(name, async () => {
      const target = catalogue.find(({ name }) => name === 'ws-receiver');
      const run = await target?.run(Buffer.from(stream.replaceAll(' ', ''), 'hex'), []);
      assert.deepEqual(run?.trace.at(-1), [name]);
    });
  }

  const own: OwnOutcome = { told: [], code: undefined, violation: undefined, codeSoon: undefined };
  const justified = (one: Partial<OwnOutcome>, told: [string][], code?: number): boolean =>
    differences.some(({ matches }) => matches({ ...own, ...one }, { told, code }));

  test('a message missed, one too many or a failure missed is none of them', () => {
    assert.equal(justified({}, [['text']]), false);
    assert.equal(justified({ told: [['text']] }, []), false);
    assert.equal(justified({}, [], 1002), false);
    assert.equal(justified({ code: 1007, violation: 'INVALID_UTF8' }, [['text']]), false);
    assert.equal(justified({ code: 1002, violation: 'MASK_REQUIRED' }, []), false);
  });
});
