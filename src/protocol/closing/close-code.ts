/** Status codes of a Close frame (RFC 6455 §7.4.1 and the IANA registry). */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  Reserved: 1004,
  NoStatus: 1005,
  Abnormal: 1006,
  InvalidPayload: 1007,
  PolicyViolation: 1008,
  MessageTooBig: 1009,
  MandatoryExtension: 1010,
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadGateway: 1014,
  TlsHandshake: 1015,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

const names = new Map<number, string>(
  Object.entries(CloseCode).map(([name, code]) => [code, name]),
);

/** The name of a registered close code, or undefined: 1001 is 'GoingAway'. */
export function closeCodeName(code: number): string | undefined {
  return names.get(code);
}

/**
 * Whether a code may stand in a Close frame (RFC 6455 §7.4): 1000–1003, 1007–1014, 3000–4999.
 * With `registered: 'rfc6455'` only what the RFC itself defines, without 1012–1014.
 */
export function isValidCloseCode(
  code: number,
  { registered = 'iana' }: { readonly registered?: 'iana' | 'rfc6455' } = {},
): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  const last = registered === 'iana' ? CloseCode.BadGateway : CloseCode.InternalError;
  return code >= 1000 && code <= last && (code < CloseCode.Reserved || code > CloseCode.Abnormal);
}
