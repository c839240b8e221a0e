/** Where the closing handshake stands (RFC 6455 §7.1). */
export type ClosingState = 'open' | 'close-sent' | 'close-received' | 'closed';

type ClosingEvent = 'send' | 'receive' | 'end';

const next: Record<ClosingState, Partial<Record<ClosingEvent, ClosingState>>> = {
  open: { send: 'close-sent', receive: 'close-received', end: 'closed' },
  'close-sent': { receive: 'closed', end: 'closed' },
  'close-received': { send: 'closed', end: 'closed' },
  closed: {},
};

/** The closing handshake: each side sends one Close frame, in either order; `end` cuts it short. */
export class ClosingHandshake {
  state: ClosingState = 'open';

  /** Takes a step; false when the rules do not allow it (again). */
  step(event: ClosingEvent): boolean {
    const state = next[this.state][event];
    if (state === undefined) return false;
    this.state = state;
    return true;
  }
}
