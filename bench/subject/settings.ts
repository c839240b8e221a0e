/** What a run of a peer is to do. */
export interface Settings {
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly deflate?: 'fresh' | 'takeover';
}
