import type { TestContext } from 'node:test';

/**
 * Gives Node 20 what `ArrayBuffer.prototype.transfer` of later ones does to the bytes, until a test
 * ends: they are gone. So what is released is seen on every runtime.
 */
export function provideTransfer(t: TestContext): void {
  const { prototype } = ArrayBuffer;
  if ('transfer' in prototype) return;
  Object.defineProperty(prototype, 'transfer', {
    configurable: true,
    value(this: ArrayBuffer) {
      structuredClone(undefined, { transfer: [this] });
    },
  });
  t.after(() => Reflect.deleteProperty(prototype, 'transfer'));
}
