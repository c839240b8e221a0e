import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Who hears what a stream tells. */
export interface StreamOwner {
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onError(error: Error): void;
  onClose(): void;
}

const owner = Symbol('owner');
const reads = Symbol('reads');
/** What a stream implements so that it can be destroyed. */
const ownDestroy = '_destroy';

/** A stream that is watched; null while nobody owns it. */
type Owned = Duplex & { [owner]?: StreamOwner | null | undefined; [reads]?: boolean };

/** Tells the owner of errors; the listeners are the same for all streams, and for all owners of one. */
export function watchErrors(stream: Owned, heard: StreamOwner): void {
  if (stream[owner] === undefined) stream.on('error', onError);
  stream[owner] = heard;
}

/** Tells the owner of the close, as the last thing it hears. */
export function watchClose(stream: Duplex): void {
  stream.on('close', onClose);
  // A stream made with `emitClose: false` may be destroyed without any event; a socket never is.
  if (!(stream instanceof Socket)) watchDestroy(stream);
}

/** Has the owner told of the close also where that event does not come, or comes much later. */
function watchDestroy(stream: Duplex): void {
  const destroy = stream[ownDestroy].bind(stream);
  stream[ownDestroy] = (error, callback) => {
    const onDestroyed = (failure?: Error | null): void => {
      callback(failure);
      // Behind the events, if there are any.
      process.nextTick(() => onClose.call(stream));
    };
    try {
      destroy(error, onDestroyed);
    } catch (failure) {
      onDestroyed(failure as Error);
    }
  };
}

/** Tells the owner of data and of the end as well. */
export function watchData(stream: Owned): void {
  if (stream[reads] === true) return;
  stream[reads] = true;
  stream.on('end', onEnd).on('data', onData);
}

/** Whether a stream has an owner. */
export function isWatched(stream: Owned): boolean {
  return stream[owner] !== undefined && stream[owner] !== null;
}

/** Tells nobody anything, until somebody watches again; an error destroys the stream meanwhile. */
export function disown(stream: Owned): void {
  stream[owner] = null;
}

/** Tells nothing more; an error that comes late has a listener still, and ends no process. */
export function unwatch(stream: Owned): void {
  stream.off('data', onData).off('end', onEnd).off('close', onClose);
  stream[reads] = false;
  disown(stream);
}

/** As `unwatch`, and leaves errors to others as well. */
export function release(stream: Owned): void {
  unwatch(stream);
  stream[owner] = undefined;
  stream.off('error', onError);
}

function onData(this: Owned, chunk: Uint8Array): void {
  this[owner]?.onData(chunk);
}

function onEnd(this: Owned): void {
  this[owner]?.onEnd();
}

function onError(this: Owned, error: Error): void {
  if (this[owner]) this[owner].onError(error);
  else this.destroy();
}

function onClose(this: Owned): void {
  const heard = this[owner];
  disown(this);
  heard?.onClose();
}
