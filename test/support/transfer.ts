const { prototype } = ArrayBuffer;

/**
 * Gives Node 20 the `ArrayBuffer.prototype.transfer` that later ones have, as far as freeing memory
 * needs it: the bytes are gone. Imported before the code that looks for it, so that what is released
 * is seen on every runtime.
 */
if (!('transfer' in prototype)) {
  Object.defineProperty(prototype, 'transfer', {
    configurable: true,
    value(this: ArrayBuffer) {
      structuredClone(undefined, { transfer: [this] });
    },
  });
}
