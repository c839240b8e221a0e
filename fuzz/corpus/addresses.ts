const urls = [
  'ws://example.com',
  'wss://user:p%40ss@example.com:8443/chat?a=1&b=%20',
  'http://[::1]:8080/',
  'ws+unix:/run/server.sock:/chat?x',
  'wss+unix:///run/a%20b.sock',
  'ws://127.0.0.1:65535/a/../b/./c',
  'ws://xn--bcher-kva.example/%E2%82%AC',
  'WS://EXAMPLE.com:80/#',
];
const targets = [
  '/',
  '/chat/:room',
  '/a%2fb/c%20d?x=y?z',
  'http://example.com:81/x',
  '/%zz',
  '//a//b/',
];
const authorities = [
  'example.com',
  'example.com:80',
  '[::1]:8080',
  'a:65536',
  'user@host',
  '[::g]',
];
const options = [
  '{"maxMessageSize":65536,"heartbeat":{"interval":1000,"timeout":500}}',
  '{"backpressure":{"soft":1,"hard":2,"policy":"close","timeout":3},"compression":true}',
  '{"compression":{"windowBits":9,"level":1,"memoryLevel":9,"threshold":0}}',
  '{"subprotocols":["a","b"],"requireSubprotocol":false,"headers":{"X-A":["1","2"]}}',
  '{"receiveBuffer":{"initial":1,"growBy":2,"max":3},"keepAlive":false,"origin":"null"}',
  '{"origins":["http://a"],"trustProxy":["10.0.0.0/8","::1"],"requireSubprotocol":true}',
  '{"port":0,"host":"::","path":"/run/x"}',
  '{"__proto__":1,"constructor":{},"maxFragments":null}',
  '[]',
  '-1e309',
];

const text = (kind: number, value: string): Uint8Array =>
  Buffer.concat([Uint8Array.of(kind), Buffer.from(value)]);

/** Inputs of four kinds, told by the first byte: a URL, a target, an authority, options as JSON. */
export const addresses: readonly Uint8Array[] = [urls, targets, authorities, options].flatMap(
  (values, kind) => values.map((value) => text(kind, value)),
);

/** Words of URLs and options. */
export const addressWords: readonly Uint8Array[] = (
  'ws:// wss+unix: :// % %2f %00 .. /: * @ [ ] : ? # { } [] ": ," null true 1e3 -1 0.5 1e309 ' +
  '\\u0000 __proto__ maxFrameSize concurrency rateLimit controlFrames memoryBudget tls signal'
)
  .split(' ')
  .map((word) => Buffer.from(word));
