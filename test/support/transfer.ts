import type { TestContext } from 'node:test';

type Transfer = (this: ArrayBuffer, length: number) => unknown;

/** What Node 20 lacks: the bytes are gone. */
function empty(this: ArrayBuffer): void {
  structuredClone(undefined, { transfer: [this] });
}

/**
 * Tells, until a test ends, whose memory `ArrayBuffer.prototype.transfer` frees. Node 20 gets one
 * meanwhile, so that what is released is seen on every runtime.
 */
export function provideTransfer(t: TestContext): ReadonlySet<ArrayBuffer> {
  const { prototype } = ArrayBuffer;
  const own = Object.getOwnPropertyDescriptor(prototype, 'transfer');
  const transfer = (own?.value ?? empty) as Transfer;
  const freed = new Set<ArrayBuffer>();
  Object.defineProperty(prototype, 'transfer', {
    configurable: true,
    value(this: ArrayBuffer, length: number) {
      const moved = transfer.call(this, length);
      freed.add(this);
      return moved;
    },
  });
  t.after(() => {
    if (own === undefined) Reflect.deleteProperty(prototype, 'transfer');
    else Object.defineProperty(prototype, 'transfer', own);
  });
  return freed;
}
