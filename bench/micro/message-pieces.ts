import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

import type { Connection, Message } from 'hawser';
import * as hawser from 'hawser';
import { encodeFrame, Protocol } from 'hawser/protocol';
import { connectedPair } from 'hawser/testing';

import { repeated, takeFrame } from '../load/frames.ts';
import { jsonMessage } from '../load/messages.ts';
import { Random } from '../load/random.ts';
import { plainFrame } from './frame-pieces.ts';
import type { Piece } from './piece.ts';

const random = new Random(2);

/** A client's end that drops what it receives. */
function receivingEnd(): Protocol {
  const nothing = (): void => {};
  return new Protocol(
    { role: 'client', maxMessageSize: 2 ** 24 },
    {
      onText: nothing,
      onBinary: nothing,
      onPing: nothing,
      onPong: nothing,
      onEnd: nothing,
      onViolation: (error) => {
        throw error;
      },
      write: nothing,
    },
  );
}

function receivingText(id: string, title: string, text: string, count: number): Piece {
  const chunk = repeated(encodeFrame(1, text), count);
  const protocol = receivingEnd();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const bytes = Buffer.from(text);
  const plain = (): void => {
    for (let index = 0; index < count; index += 1) decoder.decode(bytes);
  };
  return { id, title, operations: count, own: () => protocol.receive(chunk), plain };
}

/** Sends messages through a connection in memory and waits for the last of them. */
function compressing(count: number): Piece {
  const text = jsonMessage(random, 1_024);
  let left = 0;
  let finish = (): void => {};
  const { client } = connectedPair({
    options: { compression: true, heartbeat: false },
    server: {
      message: () => {
        left -= 1;
        if (left === 0) finish();
      },
    },
  });
  const own = async (): Promise<void> => {
    left = count;
    for (let index = 0; index < count; index += 1) client.send(text);
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  const plain = (): void => {
    const flush = { finishFlush: constants.Z_SYNC_FLUSH };
    for (let index = 0; index < count; index += 1) {
      inflateRawSync(deflateRawSync(text, flush), flush).toString();
    }
  };
  const title = 'deflate and inflate 1 KiB of JSON';
  return { id: 'deflate', title, operations: count, own, plain };
}

type Broadcast = (connections: Iterable<Connection>, message: Message) => unknown;

const { broadcast = sendToEach } = hawser as { readonly broadcast?: Broadcast };

function sendToEach(connections: Iterable<Connection>, message: Message): void {
  for (const connection of connections) connection.send(message);
}

/** Bursts of 16 to 200 connections in memory, until the last has them all. */
function fanningOut(): Piece {
  const burst = 16;
  let left = 0;
  let finish = (): void => {};
  const message = (): void => {
    left -= 1;
    if (left === 0) finish();
  };
  const pairOf = () =>
    connectedPair({ options: { heartbeat: false }, client: { message }, server: {} });
  const subscribers = Array.from({ length: 200 }, () => pairOf().server);
  const payload = random.bytes(64);
  const own = async (): Promise<void> => {
    left = burst * subscribers.length;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    for (let index = 0; index < burst; index += 1) broadcast(subscribers, payload);
    await done;
  };
  const operations = burst * subscribers.length;
  const plain = (): void => {
    for (let index = 0; index < operations; index += 1) takeFrame(plainFrame(payload));
  };
  return { id: 'fan-out', title: 'fan-out of 64 B, bursts of 16', operations, own, plain };
}

/** Messages: text received, compressed ones, one for many. */
export function messagePieces(): readonly Piece[] {
  return [
    receivingText('text-32', 'receive text, 32 B, ASCII', random.text(32), 512),
    receivingText('text-1024', 'receive text, 1 KiB, ASCII', random.text(1_024), 64),
    receivingText('text-mixed', 'receive text, 1 000 B, mixed', 'aé漢😀'.repeat(100), 64),
    compressing(20),
    fanningOut(),
  ];
}
