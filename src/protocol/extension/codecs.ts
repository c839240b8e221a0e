import type { Codec, CodecSink, DeflaterSettings } from '#platform';

/** Makes the codecs of one connection. */
export interface Codecs {
  createDeflater(settings: DeflaterSettings, sink: CodecSink): Codec;
  createInflater(windowBits: number, sink: CodecSink): Codec;
}
