import assert from 'node:assert/strict';

import type { Codec, CodecSink } from '../../src/platform/platform.ts';
import {
  type DeflateSink,
  PermessageDeflate,
} from '../../src/protocol/extension/permessage-deflate.ts';
import { hex, unhex } from './recorder.ts';

/** A codec whose jobs finish when told to. */
export class ManualCodec implements Codec {
  readonly calls: string[] = [];
  readonly #sink: CodecSink;

  constructor(sink: CodecSink) {
    this.#sink = sink;
  }

  run(input: Uint8Array, ending?: Uint8Array): void {
    this.calls.push(ending === undefined ? `run ${hex(input)}` : `end ${hex(input)}`);
  }

  /** Results of jobs to come that are done at once; when there is none, a job takes its time. */
  readonly quick: string[] = [];
  /** How much each job that might be done at once may give. */
  readonly limits: number[] = [];

  runNow(input: Uint8Array, _ending: Uint8Array, maxLength: number): Uint8Array | undefined {
    const given = this.quick.shift();
    this.limits.push(maxLength);
    if (given === undefined) return undefined;
    this.calls.push(`now ${hex(input)}`);
    return unhex(given);
  }

  pause(): void {
    this.calls.push('pause');
  }

  resume(): void {
    this.calls.push('resume');
  }

  close(): void {
    this.calls.push('close');
  }

  /** Hands a piece of output on, for which so many bytes of the input were read. */
  output(piece: string, consumed = 0): void {
    this.#sink.onOutput(unhex(piece), consumed);
  }

  /** Finishes the running job with these last pieces. */
  finish(...pieces: readonly string[]): void {
    for (const piece of pieces) this.output(piece);
    this.#sink.onDone();
  }

  /** Breaks the running job. */
  fail(): void {
    this.#sink.onDone(new Error('broken'));
  }
}

/** What both sides agreed on. */
export const agreed = {
  windowBits: 15,
  peerWindowBits: 15,
  contextTakeover: true,
  peerContextTakeover: true,
} as const;

/** permessage-deflate over codecs whose jobs finish when told to. */
export function manualDeflate(
  sink: DeflateSink,
  threshold = 0,
): {
  readonly deflate: PermessageDeflate;
  readonly deflater: () => ManualCodec;
  readonly inflater: () => ManualCodec;
} {
  const made: { deflater?: ManualCodec; inflater?: ManualCodec } = {};
  const deflate = new PermessageDeflate(agreed, { threshold, level: 6, memoryLevel: 8 }, sink, {
    createDeflater: (_, sink) => (made.deflater = new ManualCodec(sink)),
    createInflater: (_, sink) => (made.inflater = new ManualCodec(sink)),
  });
  return {
    deflate,
    deflater: () => made.deflater ?? assert.fail('there is no deflater'),
    inflater: () => made.inflater ?? assert.fail('there is no inflater'),
  };
}
