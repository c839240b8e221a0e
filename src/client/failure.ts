/** What OpenSSL says when the first bytes of a server are no TLS record (RFC 8446 §5.1). */
const noRecord: ReadonlySet<string> = new Set(['wrong version number', 'packet length too long']);

/** Why a connection could not be made, in one plain line. */
export function describeFailure(error: NodeJS.ErrnoException & { reason?: string }): string {
  const { message, code, reason } = error;
  const worded = code?.startsWith('ERR_SSL_') === true ? reason : undefined;
  const [, said = worded] = /:SSL routines:[^:]*:([^:\n]+)/.exec(message) ?? [];
  if (said !== undefined) {
    return noRecord.has(said)
      ? 'the server does not speak TLS here; without TLS it is ws instead of wss'
      : `TLS failed, ${said}`;
  }
  // When every address of a name fails, only the code says how.
  return message === '' ? (code ?? error.name) : (message.split(/[\r\n]/, 1)[0] ?? '');
}
