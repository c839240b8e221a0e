import type { Agreement } from './deflate.ts';

/** One extension with its parameters, in order (RFC 6455 §9.1). */
export interface Extension {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

/** What the fuzzer wants of permessage-deflate in a case. */
export interface Wish {
  /** Ask the tested side to forget its window after each message. */
  readonly noContextTakeover?: boolean;
  /** Ask the tested side for a window of so many bits. */
  readonly windowBits?: number;
}

/** Reads a Sec-WebSocket-Extensions header; values without quoted commas are enough here. */
export function parseExtensions(value: string | undefined): Extension[] {
  if (value === undefined || value.trim() === '') return [];
  return value.split(',').map((item) => {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
    return { name, parameters: parameters.map((part) => parseParameter(part)) };
  });
}

function parseParameter(part: string): [string, string | true] {
  const [name = '', value] = part.split('=');
  return [name.trim(), value === undefined ? true : value.trim().replace(/^"(.*)"$/, '$1')];
}

/** Writes the offer a fuzzer in the client's role makes for a wish (RFC 7692 §7.1). */
export function offerOf(wish: Wish): string {
  const parts = ['permessage-deflate'];
  if (wish.noContextTakeover === true) parts.push('server_no_context_takeover');
  if (wish.windowBits !== undefined) parts.push(`server_max_window_bits=${wish.windowBits}`);
  return [...parts, 'client_no_context_takeover', 'client_max_window_bits'].join('; ');
}

function bits(extension: Extension, name: string): number | undefined {
  const value = extension.parameters.find(([key]) => key === name)?.[1];
  if (value === undefined || value === true) return undefined;
  return /^(?:[89]|1[0-5])$/.test(value) ? Number(value) : Number.NaN;
}

function has(extension: Extension, name: string): boolean {
  return extension.parameters.some(([key]) => key === name);
}

const valued: Readonly<Record<string, boolean>> = {
  server_no_context_takeover: false,
  client_no_context_takeover: false,
  server_max_window_bits: true,
  client_max_window_bits: true,
};

function badParameter(extension: Extension): string | undefined {
  const seen = new Set<string>();
  for (const [name, value] of extension.parameters) {
    if (seen.has(name)) return `${name} twice`;
    if (valued[name] === undefined) return `unknown parameter ${name}`;
    if (valued[name] !== (value !== true)) return `${name} with a wrong value`;
    if (value !== true && Number.isNaN(bits(extension, name))) return `${name}=${value}`;
    seen.add(name);
  }
  return undefined;
}

function agreement(extension: Extension): Agreement {
  const side = (role: 'client' | 'server'): Agreement['client'] => ({
    windowBits: bits(extension, `${role}_max_window_bits`) || 15,
    noContextTakeover: has(extension, `${role}_no_context_takeover`),
  });
  return { client: side('client'), server: side('server') };
}

/** The agreement an answer of the fuzzer's own stands for, as well as it can be read. */
export function agreementOf(value: string | undefined): Agreement | undefined {
  const answer = parseExtensions(value).find((one) => one.name === 'permessage-deflate');
  return answer === undefined ? undefined : agreement(answer);
}

/** What a server's answer agreed to: nothing, an agreement, or a broken rule in words. */
export type Answer = Agreement | string | undefined;

/** Judges a server's answer to the offers that were made (RFC 7692 §7.1.1, §7.1.2). */
export function readAnswer(value: string | undefined, offers: string): Answer {
  const [answer, second] = parseExtensions(value);
  if (answer === undefined) return undefined;
  if (second !== undefined || answer.name !== 'permessage-deflate') return `unasked: ${value}`;
  const bad = badParameter(answer);
  if (bad !== undefined) return bad;
  const fits = parseExtensions(offers).some((offer) => answers(offer, answer));
  return fits ? agreement(answer) : `no offer allows: ${value}`;
}

function answers(offer: Extension, answer: Extension): boolean {
  if (offer.name !== 'permessage-deflate') return false;
  if (has(answer, 'client_max_window_bits') && !has(offer, 'client_max_window_bits')) return false;
  const clientLimit = bits(offer, 'client_max_window_bits') ?? 15;
  if ((bits(answer, 'client_max_window_bits') ?? 0) > clientLimit) return false;
  const takeover = 'server_no_context_takeover';
  if (has(offer, takeover) && !has(answer, takeover)) return false;
  const serverLimit = bits(offer, 'server_max_window_bits');
  return serverLimit === undefined || (bits(answer, 'server_max_window_bits') ?? 15) <= serverLimit;
}

/** The answer of a fuzzer in the server's role, or undefined where no offer allows the wish. */
export function answerOffers(
  value: string | undefined,
  wishes: readonly Wish[],
): { header: string; agreement: Agreement } | undefined {
  const offers = parseExtensions(value).filter(
    (offer) => offer.name === 'permessage-deflate' && badOffer(offer) === undefined,
  );
  for (const wish of wishes) {
    for (const offer of offers) {
      if (wish.windowBits !== undefined && !has(offer, 'client_max_window_bits')) continue;
      return accept(offer, wish);
    }
  }
  return undefined;
}

function badOffer(offer: Extension): string | undefined {
  const name = 'client_max_window_bits';
  const parameters = offer.parameters.filter(([key, value]) => key !== name || value !== true);
  return badParameter({ name: offer.name, parameters });
}

function accept(offer: Extension, wish: Wish): { header: string; agreement: Agreement } {
  const parts = ['permessage-deflate'];
  const serverBits = bits(offer, 'server_max_window_bits');
  const hint = bits(offer, 'client_max_window_bits');
  const clientBits =
    wish.windowBits === undefined ? hint : Math.min(wish.windowBits, hint ?? wish.windowBits);
  if (has(offer, 'server_no_context_takeover')) parts.push('server_no_context_takeover');
  if (wish.noContextTakeover === true) parts.push('client_no_context_takeover');
  if (serverBits !== undefined) parts.push(`server_max_window_bits=${serverBits}`);
  if (clientBits !== undefined) parts.push(`client_max_window_bits=${clientBits}`);
  const header = parts.join('; ');
  const [answer = { name: '', parameters: [] }] = parseExtensions(header);
  return { header, agreement: agreement(answer) };
}
