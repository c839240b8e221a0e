/** Where the closing handshake stands (RFC 6455 §7.1). */
export type ClosingState = 'open' | 'close-sent' | 'close-received' | 'closed';

const next: Record<ClosingState, Partial<Record<'send' | 'receive', ClosingState>>> = {
  open: { send: 'close-sent', receive: 'close-received' },
  'close-sent': { receive: 'closed' },
  'close-received': { send: 'closed' },
  closed: {},
};

/** The state after a Close passed: each side sends one, in either order; a second changes nothing. */
export function afterClose(state: ClosingState, event: 'send' | 'receive'): ClosingState {
  return next[state][event] ?? state;
}
