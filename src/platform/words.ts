/** For less a loop over bytes is done before there is a view of them. */
const PAYS_OFF = 128;
/** The largest bytes that may be kept alive until others come. */
const KEPT = 65_536;

const none = new Uint8Array(0);
let last: Uint8Array = none;
let view: DataView | undefined;

/**
 * A view of bytes for whole words that lie anywhere, where it pays to have one for so many bytes:
 * it is kept while the same bytes come again, as they do with many short payloads in one chunk.
 */
export function wordsOf(bytes: Uint8Array, length: number): DataView | undefined {
  if (bytes === last) return (view ??= create(bytes));
  last = bytes.length > KEPT ? none : bytes;
  view = length < PAYS_OFF ? undefined : create(bytes);
  return view;
}

function create({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
