/** For less a loop over bytes is done before there is a view of them. */
const PAYS_OFF = 128;
/** The largest bytes that may be kept alive until others come. */
const KEPT = 65_536;

const none = new Uint8Array(0);
let last: Uint8Array = none;
/** Bytes over memory that is resized have another length, and need another view. */
let lastLength = 0;
let view: DataView | undefined;

/**
 * A view of bytes for whole words that lie anywhere, where it pays to have one for so many bytes:
 * it is kept while the same bytes come again, as they do with many short payloads in one chunk.
 */
export function wordsOf(bytes: Uint8Array, length: number): DataView | undefined {
  const size = bytes.length;
  if (bytes === last && size === lastLength) return (view ??= create(bytes));
  const words = length < PAYS_OFF ? undefined : create(bytes);
  if (size > KEPT) return words;
  last = bytes;
  lastLength = size;
  view = words;
  return words;
}

function create({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
