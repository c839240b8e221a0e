import { availableParallelism } from 'node:os';

import type { Codec, CodecSink, DeflaterSettings } from './platform.ts';
import { Deflater } from './zlib/deflater.ts';
import { Inflater } from './zlib/inflater.ts';
import { KeptStreams } from './zlib/kept-streams.ts';
import { LoopTime } from './zlib/loop-time.ts';
import { Turns } from './zlib/turns.ts';

/** Compressors kept between messages: a busy one saves 15 µs a message, an idle one 107 KiB. */
const MAX_KEPT = 64;

/** Enough to echo about 500 messages of 1 KiB at once; what comes then waits for a turn. */
const LOOP_TIME_MS = 10;

// One thread of libuv's pool is left to files, names and keys; more jobs than cores gain nothing.
const poolSize = Number(process.env['UV_THREADPOOL_SIZE']) || 4;
const sharedTurns = new Turns(Math.max(1, Math.min(poolSize - 1, availableParallelism())));
const sharedStreams = new KeptStreams(MAX_KEPT);
const sharedLoopTime = new LoopTime(LOOP_TIME_MS);

/** Makes a compressor. A window of 8 bits never yields a distance over 250 (RFC 7692 §7.1.2). */
export function createDeflater(
  settings: DeflaterSettings,
  sink: CodecSink,
  turns = sharedTurns,
  kept = sharedStreams,
  loopTime = sharedLoopTime,
): Codec {
  return new Deflater(settings, sink, turns, kept, loopTime);
}

/** Makes a decompressor with a window of 8–15 bits; blocks with BFINAL end nothing (RFC 7692 §7.2.3.4). */
export function createInflater(
  windowBits: number,
  sink: CodecSink,
  turns = sharedTurns,
  loopTime = sharedLoopTime,
): Codec {
  return new Inflater(windowBits, sink, turns, loopTime);
}
