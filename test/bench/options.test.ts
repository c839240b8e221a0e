import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseOptions } from '../../bench/options.ts';
import { chooseWorkloads, unfit, workloads } from '../../bench/workloads.ts';

const names = (args: readonly string[]): string[] =>
  parseOptions(args).workloads.map(({ id }) => id);

describe('bench: options', () => {
  test('without any, the whole matrix in five rounds', () => {
    const options = parseOptions([]);
    assert.equal(options.mode, 'matrix');
    assert.equal(options.rounds, 5);
    assert.deepEqual(
      names([]),
      workloads.map(({ id }) => id),
    );
  });

  test('a name stands for its workload alone, or for all that begin with it', () => {
    assert.deepEqual(names(['--workloads', 'W2']), ['W2']);
    assert.deepEqual(names(['--workloads', 'W5']), ['W5a', 'W5b']);
    assert.deepEqual(names(['--workloads', 'w10,W1']), ['W1', 'W10-W1', 'W10-W2']);
    assert.equal(chooseWorkloads(['W9']).length, 3);
  });

  test('the reference and hawser are there whoever is chosen', () => {
    const { peers } = parseOptions(['--peers', 'net']);
    assert.deepEqual(
      peers.map(({ name }) => name),
      ['hawser', 'ws', 'net'],
    );
  });

  test('wrong arguments are named', () => {
    assert.throws(() => parseOptions(['--workloads', 'W11']), /--workloads: no W11/);
    assert.throws(() => parseOptions(['--peers', 'nobody']), /--peers: no nobody/);
    assert.throws(() => parseOptions(['--rounds', '0']), /--rounds: not 0/);
    assert.throws(() => parseOptions(['--unheard-of']), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
  });
});

describe('bench: who has a part in what', () => {
  const peerOf = (name: string) => {
    const peer = parseOptions([]).peers.find((one) => one.name === name);
    assert.ok(peer !== undefined);
    return peer;
  };
  const reason = (id: string, name: string): string | undefined => {
    const [workload] = chooseWorkloads([id]);
    assert.ok(workload !== undefined);
    return unfit(workload, peerOf(name));
  };

  test('clients receive, servers do all else', () => {
    assert.equal(reason('W1', 'undici'), '');
    assert.equal(reason('W9-text', 'undici'), undefined);
    assert.equal(reason('W9-text', 'net'), '');
    assert.equal(reason('W1', 'net'), undefined);
  });

  test('a server without compression is left out with the reason', () => {
    assert.match(reason('W8-fresh', 'deno') ?? '', /no permessage-deflate/);
    assert.equal(reason('W8-fresh', 'bun'), undefined);
  });

  test('an attached server only shakes hands', () => {
    assert.equal(reason('W7', 'hawser-attached'), undefined);
    assert.equal(reason('W1', 'hawser-attached'), '');
  });
});
