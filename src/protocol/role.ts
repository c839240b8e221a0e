/** Which side of the opening handshake an endpoint was: the client masks (RFC 6455 §5.1). */
export type Role = 'client' | 'server';
