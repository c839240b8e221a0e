import { Visitors } from './visitors.ts';

/** What a visitor brings along in the query of the opening request. */
export interface Arrival {
  /** The key for asking after this connection over HTTP; see Visitors. */
  readonly key: string | undefined;
  /** The wanted name, as it came. */
  readonly name: string;
}

/** Reads `?id=` and `?name=`; an id of the wrong shape refuses the opening handshake with 400. */
export function readArrival(query: URLSearchParams): Arrival | Response {
  const key = query.get('id') ?? undefined;
  if (key !== undefined && !Visitors.isKey(key)) {
    return new Response('an id has 16 to 64 letters, digits, - or _\n', { status: 400 });
  }
  return { key, name: query.get('name') ?? '' };
}
