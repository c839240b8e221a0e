/** What a run of a peer is to do. */
export interface Settings {
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly deflate?: 'fresh' | 'takeover';
  /** In how many processes; default: the one that is started. */
  readonly workers?: number;
}
