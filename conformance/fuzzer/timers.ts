/** How long the fuzzer waits, in ms; `setPatience` stretches all of it for slow machines. */
export const timers = {
  /** For the answer to its Close frame. */
  closeReply: 1000,
  /** For the tested side to drop TCP once both Close frames passed. */
  tcpDrop: 1000,
  /** For the opening handshake. */
  handshake: 5000,
  /** The factor on all waits. */
  patience: 1,
};

/** Multiplies every wait of the fuzzer by a factor. */
export function setPatience(factor: number): void {
  timers.closeReply = 1000 * factor;
  timers.tcpDrop = 1000 * factor;
  timers.handshake = 5000 * factor;
  timers.patience = factor;
}
