import { InflateRaw } from 'node:zlib';

const { prototype } = InflateRaw;

/** Watches every stream of zlib that inflates in this process, and how much comes out of each. */
export class Inflaters {
  readonly #outputs = new Map<InflateRaw, number>();

  constructor() {
    const { write, push } = prototype;
    const outputs = this.#outputs;
    prototype.write = function watched(this: InflateRaw, ...given: unknown[]): boolean {
      if (!outputs.has(this)) outputs.set(this, 0);
      return Reflect.apply(write, this, given) as boolean;
    };
    prototype.push = function watched(this: InflateRaw, chunk: Buffer | null, encoding): boolean {
      outputs.set(this, (outputs.get(this) ?? 0) + (chunk?.length ?? 0));
      return push.call(this, chunk, encoding);
    };
  }

  /** All that were given something so far. */
  get seen(): readonly InflateRaw[] {
    return [...this.#outputs.keys()];
  }

  /** The most that one of them gave, in bytes: each serves one message. */
  get most(): number {
    return Math.max(0, ...this.#outputs.values());
  }

  /** Watches no longer. */
  stop(): void {
    Reflect.deleteProperty(prototype, 'write');
    Reflect.deleteProperty(prototype, 'push');
  }
}
