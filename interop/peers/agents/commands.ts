import type { Deflate } from '../../subject/subject.ts';

/** What a text message that begins with `!` tells an agent to do; all others are echoed. */
export type AgentCommand =
  | { readonly verb: 'ping'; readonly payload: string }
  | {
      readonly verb: 'fragments';
      readonly type: 'text' | 'binary';
      readonly count: number;
      readonly size: number;
    }
  | { readonly verb: 'close'; readonly code: number | undefined; readonly reason: string };

/** Reads `!ping PAYLOAD`, `!fragments TYPE COUNT SIZE` or `!close [CODE [REASON]]`. */
export function parseCommand(text: string): AgentCommand {
  const [verb = '', ...words] = text.slice(1).split(' ');
  if (verb === 'ping') return { verb, payload: words.join(' ') };
  if (verb === 'fragments') {
    const [type, count, size] = words;
    return {
      verb,
      type: type === 'text' ? 'text' : 'binary',
      count: Number(count),
      size: Number(size),
    };
  }
  if (verb !== 'close') throw new Error(`unknown command: ${text}`);
  const [code, ...reason] = words;
  return { verb, code: code === undefined ? undefined : Number(code), reason: reason.join(' ') };
}

/** The content of one fragment an agent sends: `size` times the same letter, a to z in turn. */
export function fragment(index: number, size: number): Uint8Array {
  return new Uint8Array(size).fill(0x61 + (index % 26));
}

/** Tells how the connection ended: the code, and the reason in hexadecimal. */
export function printClosed(code: number, reason: string): void {
  console.log(`closed ${code} ${Buffer.from(reason).toString('hex')}`);
}

/** Reads an agent's arguments: `server DEFLATE` or `client DEFLATE URL`. */
export function readArguments(): { role: string; deflate: Deflate; target: string } {
  const [role = 'server', deflate = 'off', target = ''] = process.argv.slice(2);
  return { role, deflate: deflate as Deflate, target };
}
