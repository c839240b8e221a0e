import {
  connect,
  endpoint,
  serve,
  type CloseInfo,
  type CompressionOptions,
  type Connection,
  type Handler,
} from 'hawser';

import { Mailbox } from '../matrix/mailbox.ts';
import {
  largestMessage,
  type Deflate,
  type Message,
  type Subject,
  type SubjectConnection,
  type SubjectEnding,
} from './subject.ts';

/** Above the defaults: libwebsockets cuts a deflated message of 16 MiB into thousands of pieces. */
const limits = { maxMessageSize: largestMessage, maxFragments: 65_536 };

/** hawser in both roles: the server by its `message` handler, the client by iteration. */
export const hawserSubject: Subject = {
  name: 'hawser',
  async serve({ deflate, subprotocols }) {
    const accepted = new Mailbox<SubjectConnection>('connection');
    const incoming = new WeakMap<object, Incoming>();
    const server = await serve({
      host: '127.0.0.1',
      port: 0,
      origins: 'any',
      ...limits,
      compression: compressionOf(deflate),
      subprotocols,
      endpoints: {
        '/': endpoint({
          open(connection) {
            const boxes = new Incoming();
            incoming.set(connection, boxes);
            accepted.put(adapt(connection, boxes));
          },
          message: (connection, message) => incoming.get(connection)?.messages.put(message),
          ping: (connection, bytes) => incoming.get(connection)?.pings.put(bytes),
        }),
      },
    });
    const { address } = server;
    if (!('port' in address)) throw new Error('the server listens on no port');
    return {
      port: address.port,
      accept: (timeout) => accepted.take(timeout),
      close: () => server.close({ deadline: 1000 }),
    };
  },
  async connect(url, { deflate, subprotocols }) {
    const incoming = new Incoming();
    const handler: Handler = {
      open: (connection) => void pull(connection, incoming.messages),
      ping: (_, bytes) => incoming.pings.put(bytes),
    };
    const compression = compressionOf(deflate);
    const options = { ...limits, subprotocols, compression, handler };
    const connection = await connect(url, options);
    return adapt(connection, incoming);
  },
};

/** What came from the peer and was not yet asked for. */
class Incoming {
  readonly messages = new Mailbox<Message>('message');
  readonly pings = new Mailbox<Uint8Array>('ping');
}

/** Fragments of one letter, which the peers send, deflate to less than a hundredth. */
const maxRatio = Infinity;

/** The defaults, or every message in the largest windows, fresh or kept. */
function compressionOf(deflate: Deflate): CompressionOptions | false {
  if (deflate === 'off') return false;
  if (deflate === 'on') return { maxRatio };
  const kept = deflate === 'takeover';
  return {
    maxRatio,
    threshold: 0,
    windowBits: 15,
    peerWindowBits: 15,
    contextTakeover: kept,
    peerContextTakeover: kept,
  };
}

async function pull(connection: Connection, messages: Mailbox<Message>): Promise<void> {
  try {
    for await (const message of connection) messages.put(message);
  } catch {
    // An unclean end is read from `closed`.
  }
}

function adapt<Params>(
  connection: Connection<unknown, Params>,
  { messages, pings }: Incoming,
): SubjectConnection {
  const ended = connection.closed.then(describeEnd);
  return {
    subprotocol: connection.subprotocol ?? '',
    deflate: connection.extensions.includes('permessage-deflate'),
    async send(message) {
      if (!connection.send(message)) await connection.drained();
    },
    sendFragments: (pieces, type) => connection.sendFragments(pieces, type),
    async sendPart(part, fin) {
      if (!connection.send(part, { fin })) await connection.drained();
    },
    receive: (timeout) => messages.take(timeout, ended),
    ping: (bytes) => connection.ping(bytes),
    receivePing: (timeout) => pings.take(timeout),
    close: async (code, reason) => endingOf(await connection.close(code, reason)),
    closed: connection.closed.then(endingOf),
    terminate: () => connection.terminate(),
  };
}

function describeEnd({ code, reason, initiator }: CloseInfo): string {
  return `because the connection ended with ${code} '${reason}' by ${initiator}`;
}

function endingOf({ code, reason, wasClean }: CloseInfo): SubjectEnding {
  return { code, reason, wasClean };
}
