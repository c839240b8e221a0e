/** Up to here a loop copies faster than `set`. */
const LOOP_PAYS_OFF = 24;

/** Copies all bytes to an offset of `target`, which has room for them. */
export function copyInto(bytes: Uint8Array, target: Uint8Array, offset: number): void {
  if (bytes.length > LOOP_PAYS_OFF) return target.set(bytes, offset);
  for (let i = 0; i < bytes.length; i++) target[offset + i] = bytes[i]!;
}
