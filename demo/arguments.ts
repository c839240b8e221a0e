import { parseArgs } from 'node:util';

/** What the demo was asked to do on its command line. */
export interface Arguments {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly tls: boolean;
  readonly help: boolean;
}

/** A command line that cannot be followed; the message is one line for the person who typed it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The text that `--help` prints. */
export const usage = `Usage: npm start -- [options]

  --host ADDRESS   where to listen (default 127.0.0.1; 0.0.0.0 for phones in the same network)
  --port NUMBER    which port to listen on (default 8080; 0 picks a free one)
  --tls            serve https and wss with a certificate made on the spot
  --help           print this and end
`;

const options = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', default: '8080' },
  tls: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads a command line, without the program's name; throws a UsageError. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parse(args);
  if (values.host === '') throw new UsageError('--host needs an address, for example 0.0.0.0');
  return { host: values.host, port: readPort(values.port), tls: values.tls, help: values.help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [first = message] = message.split(/\.\s|\n/);
    throw new UsageError(`${first.replace(/\.$/, '')}; --help lists the options`, { cause: error });
  }
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  if (port > 65_535) throw new UsageError(`--port is a number from 0 to 65535, not ${text}`);
  return port;
}
