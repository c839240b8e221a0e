import { latin1 } from './bytes.ts';

/** Values of Sec-WebSocket-Extensions, good and not quite. */
export const extensionValues: readonly Uint8Array[] = [
  'permessage-deflate',
  'permessage-deflate; client_max_window_bits',
  'permessage-deflate; client_max_window_bits=10; server_max_window_bits=9',
  'permessage-deflate; server_no_context_takeover; client_no_context_takeover',
  'permessage-deflate; server_max_window_bits="12", permessage-deflate',
  'permessage-deflate; server_max_window_bits=16, permessage-deflate; client_max_window_bits=8',
  'permessage-deflate; a="b\\"c", x-webkit-deflate-frame',
  'mux; max-channels=4; flow-control, deflate-stream',
  ', permessage-deflate ,, x;y=1;z',
  'constructor; __proto__=1, toString',
].map(latin1);

/** Words of that header. */
export const extensionWords: readonly Uint8Array[] = [
  'permessage-deflate',
  'client_max_window_bits',
  'server_max_window_bits',
  'client_no_context_takeover',
  'server_no_context_takeover',
  '=8',
  '=15',
  '="9"',
  '=08',
  '; ',
  ', ',
  '"\\"',
  '""',
].map(latin1);
