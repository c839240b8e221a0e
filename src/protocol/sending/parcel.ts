import type { SharedMessage } from './shared-message.ts';

/** A message, a fragment of one or a Close on its way out. */
export interface Parcel {
  readonly opcode: number;
  readonly payload: Uint8Array | string;
  readonly fin: boolean;
  readonly compress: boolean;
  readonly length: number;
  readonly shared: SharedMessage | undefined;
}
