import type { Protocol } from '../../src/protocol/protocol.ts';
import type { FragmentSender } from '../../src/protocol/sending/sender.ts';
import { masked } from '../corpus/frames.ts';
import type { Recording } from './recording.ts';

/** One end of a joined pair, and what its application means to do. */
export interface End {
  readonly protocol: Protocol;
  readonly recording: Recording;
  /** How much of the trace was delivered to the other end. */
  written: number;
  /** What the application does when it is next told of something. */
  reaction: { readonly step: Step; readonly argument: number } | undefined;
  /** The turn to send a message in fragments, while it lasts. */
  turn: FragmentSender | undefined;
  terminated?: boolean;
}

/** Something an application, or a transport, does to one end; the argument says how. */
export type Step = (end: End, argument: number) => void;

const codes = [undefined, 1000, 1001, 1002, 1011, 3000, 4999, 1005, 999, 5000];
const failures = [1002, 1008, 1009, 1011, 1013];
const hostile = [
  '8800',
  '880203e8',
  '88021389',
  '8801aa',
  'f100',
  '8900',
  '8a0161',
  '010161',
  '8001ff',
];

const bytesFor = (argument: number): Uint8Array => new Uint8Array(argument).fill(0x61);

const sendText: Step = ({ protocol }, argument) => void protocol.send('é'.repeat(argument));
const sendBinary: Step = ({ protocol }, argument) => void protocol.send(bytesFor(argument));
const sendFragment: Step = ({ protocol }, argument) => {
  const piece = argument % 2 === 0 ? 'a'.repeat(argument) : bytesFor(argument);
  protocol.send(piece, { fin: false });
};
const sendLast: Step = ({ protocol }, argument) => {
  protocol.send(argument % 2 === 0 ? 'b' : bytesFor(1), { fin: true });
};
const close: Step = ({ protocol }, argument) =>
  protocol.close(codes[argument % codes.length], 'ü'.repeat(argument));
const ping: Step = ({ protocol }, argument) => void protocol.ping(bytesFor(argument));
const fail: Step = ({ protocol }, argument) =>
  protocol.fail(failures[argument % failures.length] ?? 1002, 'failed');
const terminate: Step = (end) => {
  end.terminated = true;
  end.protocol.terminate();
};
const suspend: Step = ({ protocol }) => protocol.suspend();
const resume: Step = ({ protocol }) => protocol.resume();
const receiveEnd: Step = ({ protocol }) => protocol.receiveEnd();
const block: Step = ({ recording }) => void (recording.blocked = true);
const unblock: Step = ({ recording, protocol }) => {
  recording.blocked = false;
  protocol.unblocked();
};

const takeTurn: Step = (end, argument) => {
  const type = argument % 2 === 0 ? 'text' : 'binary';
  end.protocol.fragments(type, undefined, (turn) => (end.turn = turn));
};
const sendInTurn: Step = ({ turn }, argument) =>
  turn?.send(argument % 2 === 0 ? 'a' : bytesFor(argument), argument > 200);
const cancelTurn: Step = (end) => {
  end.turn?.cancel();
  end.turn = undefined;
};

/** A frame that the other end did not write. */
const receiveHostile: Step = ({ protocol, recording }, argument) => {
  const frame = Buffer.from(hostile[argument % hostile.length] ?? '', 'hex');
  const masks = argument < 128;
  recording.note('hostile', frame.toString('hex'), masks);
  protocol.receive(masks ? masked(frame) : Uint8Array.from(frame));
};

/** Steps that an application may take from inside of a handler. */
const reactions: readonly Step[] = [
  sendText,
  sendFragment,
  sendLast,
  close,
  ping,
  fail,
  terminate,
  suspend,
  takeTurn,
  sendInTurn,
];

const react: Step = (end, argument) => {
  const step = reactions[argument % reactions.length];
  if (step !== undefined) end.reaction = { step, argument };
};

/** All steps, by their numbers. */
export const steps: readonly Step[] = [
  sendText,
  sendBinary,
  sendFragment,
  sendLast,
  close,
  ping,
  fail,
  terminate,
  suspend,
  resume,
  receiveEnd,
  block,
  unblock,
  takeTurn,
  sendInTurn,
  cancelTurn,
  receiveHostile,
  react,
];
