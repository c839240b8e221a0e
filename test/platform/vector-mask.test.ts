import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import fc from 'fast-check';

import type { Mask } from '../../src/platform/platform.ts';
import { maskLong, vectorMask, type WasmHost } from '../../src/platform/vector-mask.ts';

const host = (globalThis as { WebAssembly?: WasmHost }).WebAssembly;

const byTheRule: Mask = (bytes, start, end, key) => {
  for (let i = start; i < end; i++)
    bytes[i] = (bytes[i] ?? 0) ^ (key >>> (24 - ((i - start) & 3) * 8));
};

test('RFC 6455 §5.3: vectors mask every range as the rule does, and nothing beside it', () => {
  const mask = vectorMask(host);
  assert.ok(mask !== undefined, 'every Node that is supported has vectors');
  const check = (start: number, length: number, key: number): void => {
    const bytes = Buffer.alloc(start + length + 80, 'abcdefg');
    const expected = Buffer.from(bytes);
    mask(bytes, start, start + length, key);
    byTheRule(expected, start, start + length, key);
    assert.ok(bytes.equals(expected), `${start} ${length} ${key}`);
  };
  for (let length = 0; length <= 200; length++) check(length & 7, length, 0x81c3_a5f7);
  for (const pages of [1, 2, 3]) {
    for (let more = -66; more <= 66; more++) check(more & 15, pages * 65_536 + more, 0x0102_0380);
  }
  fc.assert(fc.property(fc.nat(70), fc.nat(5_000), fc.integer(), check));
});

test('bytes that are left from earlier ranges never show', () => {
  const mask = vectorMask(host);
  mask?.(Buffer.alloc(65_536, 'secret'), 0, 65_536, 0);
  const bytes = Buffer.alloc(1_000);
  mask?.(bytes, 100, 101, 0);
  assert.ok(bytes.equals(Buffer.alloc(1_000)));
});

test('where WebAssembly is missing, forbidden or without vectors there is none', () => {
  assert.equal(vectorMask(undefined), undefined);
  assert.ok(host !== undefined);
  const forbidden = (): never => {
    throw new Error('forbidden');
  };
  assert.equal(vectorMask({ ...wasm(host), Module: forbidden as never }), undefined);
  assert.equal(vectorMask({ ...wasm(host), Instance: forbidden as never }), undefined);
});

function wasm({ Module, Instance }: WasmHost): WasmHost {
  return { Module, Instance };
}

test('the host masks long ranges itself, and without vectors asks for another way', () => {
  const bytes = Buffer.alloc(2_000, 'abc');
  const expected = Buffer.from(bytes);
  maskLong(bytes, 3, 1_900, 0x81c3_a5f7, () => assert.fail('there are vectors'));
  byTheRule(expected, 3, 1_900, 0x81c3_a5f7);
  assert.ok(bytes.equals(expected));
  const { href } = new URL('../../src/platform/vector-mask.js', import.meta.url);
  const program = `import { maskLong } from ${JSON.stringify(href)};
    maskLong(new Uint8Array(1), 2, 3, 4, (_, ...rest) => console.log(rest.join()));`;
  const args = ['--jitless', '--no-warnings', '--input-type=module', '-e', program];
  assert.equal(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim(), '2,3,4');
});
