import { resolveOptions, type Rule, text } from '../../connection/options/option-rules.ts';
import {
  type CompressionOptions,
  connectionRules,
  serverDefaults,
} from '../../connection/options/options.ts';
import { isThenable } from '../../connection/reporting/report-error.ts';
import { type Header, refuse } from '../../handshake/decision.ts';
import { formatHead, headerLines, type HeadersGiven } from '../../handshake/header-list.ts';
import type { RefusedUpgrade } from '../http/refusal.ts';
import type { ResolvedEndpoint } from '../options/endpoint.ts';
import type { UpgradeRequest } from './request.ts';

/** What an application may decide about one connection. */
export interface AcceptOptions {
  /** Further headers of the 101; those of the handshake itself are a TypeError. */
  readonly headers?: HeadersGiven;
  /** One that the client offered. Default: the first that the endpoint has. */
  readonly subprotocol?: string;
  /** permessage-deflate for this connection. Default: as the endpoint has it. */
  readonly compression?: CompressionOptions | boolean;
}

interface CheckedOptions {
  readonly headers: readonly Header[];
  readonly subprotocol: string | undefined;
  readonly compression: CompressionOptions | boolean | undefined;
}

const nothingSaid: CheckedOptions = Object.freeze({
  headers: Object.freeze([]),
  subprotocol: undefined,
  compression: undefined,
});

/** A context together with what was decided about its connection; made by `accept`. */
export class Acceptance<Context> {
  readonly context: Context;
  readonly options: CheckedOptions;

  constructor(context: Context, options: CheckedOptions) {
    this.context = context;
    this.options = options;
  }
}

/** Accepts a request with a context and with headers, a subprotocol or compression of its own. */
export function accept<Context>(
  context: Context,
  options: AcceptOptions = {},
): Acceptance<Context> {
  const rules = { headers: headerLines, subprotocol: text, compression };
  return new Acceptance(context, resolveOptions(options, rules, nothingSaid));
}

const compression: Rule<CompressionOptions | boolean> = (value, name) => {
  connectionRules(serverDefaults).compression(value, name);
  return value as CompressionOptions | boolean;
};

const everyone = new Acceptance<unknown>(undefined, nothingSaid);

/** Asks the endpoint's `authorize`; rejects with what it throws. */
export async function askApplication(
  { handler, options }: ResolvedEndpoint,
  request: UpgradeRequest,
): Promise<Acceptance<unknown> | RefusedUpgrade> {
  if (options.authorize === undefined) return everyone;
  const answer: unknown = options.authorize.call(handler, request);
  const result = isThenable(answer) ? await answer : answer;
  if (result === false || result === null) return refuse('UNAUTHORIZED');
  if (isResponse(result)) return refusalBy(result);
  return result instanceof Acceptance ? result : accept(result);
}

// Frameworks and polyfills bring their own class, so that `instanceof` would miss some.
function isResponse(value: unknown): value is Response {
  return (
    typeof value === 'object' &&
    value !== null &&
    Reflect.get(value, Symbol.toStringTag) === 'Response'
  );
}

async function refusalBy(response: Response): Promise<RefusedUpgrade> {
  const { status } = response;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`a refusal must have a status from 200 to 599, but it is ${status}`);
  }
  const lines = [...response.headers];
  // Not every such class checks its headers: a bad one throws here, where the application hears it.
  formatHead('', lines);
  const content = await readStart(response.body ?? []);
  return { ...refuse('UNAUTHORIZED', { status, headers: lines, body: '' }), content };
}

const LARGEST_BODY = 65_536;

/** The first 64 KiB of a body; what follows is not asked for. */
async function readStart(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= LARGEST_BODY) break;
  }
  return Buffer.concat(chunks).subarray(0, LARGEST_BODY);
}
