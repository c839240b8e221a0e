import assert from 'node:assert/strict';

import { parseAddress } from '../../src/client/address.ts';
import { type ConnectOptions, resolveConnectOptions } from '../../src/client/options.ts';
import { resolveOptions } from '../../src/connection/options/option-rules.ts';
import { HeadParser, requestLine } from '../../src/handshake/http-head.ts';
import { parseAuthority } from '../../src/handshake/origin.ts';
import { parseTarget, requestHead } from '../../src/handshake/request.ts';
import { resolveEndpoint } from '../../src/server/options/endpoint.ts';
import {
  checkListenOptions,
  listenDefaults,
  listenRules,
} from '../../src/server/options/options.ts';
import { Router } from '../../src/server/router.ts';
import { addresses, addressWords } from '../corpus/addresses.ts';
import type { Run, Target } from '../engine/target.ts';
import type { TraceEvent } from '../engine/trace.ts';
import { readHead } from './head.ts';

/** What an application did wrong is a TypeError or RangeError; all else is a crash. */
function attempt(name: string, act: () => unknown): TraceEvent {
  try {
    return [name, JSON.stringify(act()) ?? 'nothing'];
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    // Those of the language and of Node say nothing about an option or a URL.
    const ours = !('code' in error) && !/is not a function|undefined \(reading/.test(error.message);
    if (!ours) throw error;
    return [`${name} refused`, error.message];
  }
}

/** What was read from a URL must be read from the URL it gives again, and can be asked for. */
function readUrl(text: string): unknown {
  const { url, ...address } = parseAddress(text, undefined);
  const { url: again, ...same } = parseAddress(url, undefined);
  assert.equal(again.href, url.href);
  assert.deepEqual({ ...same, authorization: address.authorization }, address);
  const { target, authority: host } = address;
  const { result } = readHead(new HeadParser(requestLine), requestHead({ target, host }).bytes, []);
  if (result !== undefined && 'head' in result) assert.equal(result.head.target, target);
  else assert.ok(target.length > 8000, 'a request that a server cannot read');
  return { ...address, href: url.href };
}

const patterns = ['/', '/chat/:room', '/chat/lobby', '/a/:b/c/:d', '/files/*', '/%61/:x'];

function route(text: string): unknown {
  const router = new Router<string>();
  router.addAll(new Map(patterns.map((pattern) => [pattern, pattern])));
  const target = parseTarget(text);
  return [target, target && router.find(target.path), parseAuthority(text)];
}

/** A pattern that is taken can be taken out again. */
function addRoute(pattern: string): unknown {
  const router = new Router<string>();
  router.add(pattern, 'it');
  const found = router.find(pattern);
  router.remove(pattern);
  assert.equal(router.find('/'), undefined);
  return found;
}

function resolve(text: string): TraceEvent[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return [['no options']];
  }
  return [
    attempt('connect', () => resolveConnectOptions(given as ConnectOptions<unknown, never>)),
    attempt('endpoint', () => resolveEndpoint(given).options),
    attempt('listen', () => {
      const resolved = resolveOptions(given as object, listenRules, listenDefaults);
      checkListenOptions(resolved);
      return resolved;
    }),
  ];
}

function run(input: Uint8Array): Run {
  const text = Buffer.from(input.subarray(1)).toString();
  switch ((input[0] ?? 0) % 4) {
    case 0:
      return { trace: [attempt('url', () => readUrl(text))], subject: undefined };
    case 1:
      return {
        trace: [attempt('target', () => requestHead({ target: text, host: 'a' }).bytes.length)],
        subject: undefined,
      };
    case 2:
      return {
        trace: [attempt('route', () => route(text)), attempt('pattern', () => addRoute(text))],
        subject: undefined,
      };
    default:
      return { trace: resolve(text), subject: undefined };
  }
}

/** A client's URL, a request's target, the patterns of paths, and options as JSON. */
export const addressTarget: Target = {
  name: 'url-and-options',
  seeds: addresses,
  words: addressWords,
  run,
};
