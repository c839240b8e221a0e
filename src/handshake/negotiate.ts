import type { DeflateParameters } from '../protocol/extension/permessage-deflate.ts';
import { type Extension, type ExtensionParameter, parseExtensions } from './header-values.ts';

const deflateName = 'permessage-deflate';
const LARGEST_WINDOW = 15;

/** The first subprotocol of the client's list that the server has (RFC 6455 §4.2.2). */
export function selectSubprotocol(
  offered: readonly string[],
  supported: readonly string[],
): string | undefined {
  return offered.find((name) => supported.includes(name));
}

/** What was negotiated: the value of Sec-WebSocket-Extensions and what it means for this side. */
export interface DeflateAgreement {
  readonly header: string;
  readonly parameters: DeflateParameters;
}

/** The terms of one offer or answer (RFC 7692 §7.1); a window `true` stands without a value. */
interface Terms {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverWindow: number | undefined;
  readonly clientWindow: number | true | undefined;
}

/** Accepts the first acceptable of a client's offers; none is no error (RFC 7692 §5). */
export function acceptDeflate(
  offers: readonly Extension[],
  wanted: DeflateParameters,
): DeflateAgreement | undefined {
  for (const offer of offers) {
    const terms = readTerms(offer);
    if (terms !== undefined) return agree(terms, wanted);
  }
  return undefined;
}

function agree(offer: Terms, wanted: DeflateParameters): DeflateAgreement {
  const parameters: DeflateParameters = {
    windowBits: Math.min(wanted.windowBits, offer.serverWindow ?? LARGEST_WINDOW),
    // A client that did not offer the parameter cannot be asked for a smaller window (§7.1.2.2).
    peerWindowBits:
      offer.clientWindow === undefined
        ? LARGEST_WINDOW
        : Math.min(wanted.peerWindowBits, windowOf(offer.clientWindow)),
    contextTakeover: wanted.contextTakeover && !offer.serverNoContextTakeover,
    peerContextTakeover: wanted.peerContextTakeover && !offer.clientNoContextTakeover,
  };
  const { windowBits, peerWindowBits, contextTakeover, peerContextTakeover } = parameters;
  const named: ExtensionParameter[] = [];
  if (!contextTakeover) named.push(['server_no_context_takeover', undefined]);
  if (!peerContextTakeover) named.push(['client_no_context_takeover', undefined]);
  if (offer.serverWindow !== undefined || windowBits < LARGEST_WINDOW) {
    named.push(['server_max_window_bits', String(windowBits)]);
  }
  if (peerWindowBits < LARGEST_WINDOW)
    named.push(['client_max_window_bits', String(peerWindowBits)]);
  return { header: formatExtension(named), parameters };
}

/** What a client that wants these parameters offers (RFC 7692 §7.1). */
export function offerDeflate(wanted: DeflateParameters): string {
  const { windowBits, peerWindowBits, contextTakeover, peerContextTakeover } = wanted;
  const named: ExtensionParameter[] = [];
  if (!peerContextTakeover) named.push(['server_no_context_takeover', undefined]);
  if (!contextTakeover) named.push(['client_no_context_takeover', undefined]);
  if (peerWindowBits < LARGEST_WINDOW)
    named.push(['server_max_window_bits', String(peerWindowBits)]);
  const hint = windowBits < LARGEST_WINDOW ? String(windowBits) : undefined;
  named.push(['client_max_window_bits', hint]);
  return formatExtension(named);
}

/**
 * Holds a server's answer against what was offered. `'unoffered'`: an extension that no offer names;
 * `'invalid'`: more than one, or terms that no offer allows (RFC 6455 §9.1, RFC 7692 §5.1).
 */
export function judgeExtensions(
  answer: string,
  offered: string,
): DeflateAgreement | 'unoffered' | 'invalid' {
  const accepted = parseExtensions(answer);
  if (accepted === undefined) return 'invalid';
  const offers = parseExtensions(offered) ?? [];
  if (accepted.some(({ name }) => offers.every((offer) => offer.name !== name))) return 'unoffered';
  const [extension, ...others] = accepted;
  if (extension === undefined || others.length > 0) return 'invalid';
  const terms = readTerms(extension);
  if (terms === undefined || terms.clientWindow === true) return 'invalid';
  for (const offer of offers) {
    const parameters = settle(terms, readTerms(offer));
    if (parameters !== undefined) return { header: answer, parameters };
  }
  return 'invalid';
}

function settle(answer: Terms, offer: Terms | undefined): DeflateParameters | undefined {
  if (offer === undefined) return undefined;
  if (offer.serverNoContextTakeover && !answer.serverNoContextTakeover) return undefined;
  const peerWindowBits = answer.serverWindow ?? LARGEST_WINDOW;
  if (peerWindowBits > (offer.serverWindow ?? LARGEST_WINDOW)) return undefined;
  const limit = windowOf(offer.clientWindow);
  if (answer.clientWindow !== undefined) {
    if (offer.clientWindow === undefined || windowOf(answer.clientWindow) > limit) return undefined;
  }
  return {
    windowBits: Math.min(limit, windowOf(answer.clientWindow)),
    peerWindowBits,
    contextTakeover: !offer.clientNoContextTakeover && !answer.clientNoContextTakeover,
    peerContextTakeover: !answer.serverNoContextTakeover,
  };
}

function windowOf(bits: number | true | undefined): number {
  return typeof bits === 'number' ? bits : LARGEST_WINDOW;
}

/** The terms of permessage-deflate, or undefined when a parameter is unknown, repeated or bad. */
function readTerms({ name, parameters }: Extension): Terms | undefined {
  if (name !== deflateName) return undefined;
  const given = new Map(parameters);
  if (given.size !== parameters.length) return undefined;
  if (!parameters.every(isTerm)) return undefined;
  const clientWindow = given.get('client_max_window_bits');
  const serverWindow = given.get('server_max_window_bits');
  return {
    serverNoContextTakeover: given.has('server_no_context_takeover'),
    clientNoContextTakeover: given.has('client_no_context_takeover'),
    serverWindow: serverWindow === undefined ? undefined : Number(serverWindow),
    clientWindow: given.has('client_max_window_bits')
      ? clientWindow === undefined || Number(clientWindow)
      : undefined,
  };
}

function isTerm([name, value]: ExtensionParameter): boolean {
  switch (name) {
    case 'server_no_context_takeover':
    case 'client_no_context_takeover':
      return value === undefined;
    case 'server_max_window_bits':
      return value !== undefined && isWindow(value);
    case 'client_max_window_bits':
      return value === undefined || isWindow(value);
    default:
      return false;
  }
}

// RFC 7692 §7.1.2: a decimal integer without leading zeros between 8 and 15.
function isWindow(value: string): boolean {
  return /^(?:[89]|1[0-5])$/.test(value);
}

function formatExtension(parameters: readonly ExtensionParameter[]): string {
  const parts = parameters.map(([name, value]) =>
    value === undefined ? name : `${name}=${value}`,
  );
  return [deflateName, ...parts].join('; ');
}
