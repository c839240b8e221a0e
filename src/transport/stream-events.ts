import type { Duplex } from 'node:stream';

/** Who hears what a stream tells. */
export interface StreamOwner {
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onError(error: Error): void;
  onClose(): void;
}

const owner = Symbol('owner');

type Owned = Duplex & { [owner]?: StreamOwner | undefined };

/** Tells the owner of errors; the listeners are the same for all streams. */
export function watchErrors(stream: Owned, heard: StreamOwner): void {
  stream[owner] = heard;
  stream.on('error', onError);
}

/** Tells the owner of the close. */
export function watchClose(stream: Duplex): void {
  stream.on('close', onClose);
}

/** Tells the owner of data and of the end as well. */
export function watchData(stream: Duplex): void {
  stream.on('end', onEnd).on('data', onData);
}

/** Tells nothing more; an error that comes late has a listener still, and ends no process. */
export function unwatch(stream: Owned): void {
  stream.off('data', onData).off('end', onEnd).off('close', onClose);
  stream[owner] = undefined;
}

function onData(this: Owned, chunk: Uint8Array): void {
  this[owner]?.onData(chunk);
}

function onEnd(this: Owned): void {
  this[owner]?.onEnd();
}

function onError(this: Owned, error: Error): void {
  this[owner]?.onError(error);
}

function onClose(this: Owned): void {
  this[owner]?.onClose();
}
