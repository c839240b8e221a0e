import {
  type CompressionOptions,
  type EndpointOptions,
  type Handler,
  serve,
  type ServeOptions,
  type Server,
} from 'hawser';

import { testCertificate } from '../../support/certificate.ts';
import { Canary } from './canary.ts';
import { type Witness, witnessing } from './witness.ts';

/** How an attacked server differs from one with no options but a port. */
export interface StageSetup {
  readonly tls?: boolean;
  readonly deflate?: boolean | CompressionOptions;
  readonly options?: Omit<ServeOptions, 'endpoints' | 'port'>;
  readonly endpoint?: EndpointOptions;
  readonly authorize?: (request: { readonly signal: AbortSignal }) => unknown;
  /** What becomes of messages. Default: they are echoed. */
  readonly message?: Handler['message'];
  /** Whether witnesses keep the messages. Default: true. */
  readonly record?: boolean;
  /** Calls the attacked endpoint's `open` as well. */
  readonly open?: (witness: Witness) => void;
}

let certificate: ReturnType<typeof testCertificate> | undefined;

/** A certificate for 127.0.0.1, made once in a process. */
export function sharedCertificate(): ReturnType<typeof testCertificate> {
  certificate ??= testCertificate();
  return certificate;
}

/** An attacked server, its canaries, and a witness of each attacked connection. */
export class Stage {
  readonly server: Server;
  readonly tls: boolean;
  readonly deflate: boolean;
  /** Of all attacked connections, in the order in which they opened. */
  readonly witnesses: Witness[];
  #canaries: Canary[] = [];

  private constructor(server: Server, setup: StageSetup, witnesses: Witness[]) {
    this.server = server;
    this.tls = setup.tls === true;
    this.deflate = setup.deflate !== undefined && setup.deflate !== false;
    this.witnesses = witnesses;
  }

  static async open(setup: StageSetup = {}): Promise<Stage> {
    const witnesses: Witness[] = [];
    const { tls = false, deflate = false, options = {} } = setup;
    const server = await serve({
      port: 0,
      ...(tls ? { tls: await sharedCertificate() } : {}),
      ...(deflate === false ? {} : { compression: deflate }),
      ...options,
      endpoints: {
        '/': attackedEndpoint(setup, witnesses),
        '/canary': { message: (connection, data) => connection.send(data) },
      },
    });
    const stage = new Stage(server, setup, witnesses);
    await stage.#letCanariesIn();
    return stage;
  }

  get port(): number {
    return this.server.address.port;
  }

  get canaries(): readonly Canary[] {
    return this.#canaries;
  }

  async close(): Promise<void> {
    await Promise.all(this.#canaries.map((canary) => canary.stop()));
    await this.server.close();
  }

  async #letCanariesIn(): Promise<void> {
    const url = `${this.tls ? 'wss' : 'ws'}://127.0.0.1:${this.port}/canary`;
    for (const compression of this.deflate ? [false, true] : [false]) {
      const canary = await Canary.sing(url, compression);
      this.#canaries.push(canary);
      await canary.check();
    }
  }
}

function attackedEndpoint(
  { endpoint = {}, authorize, message, record = true, open }: StageSetup,
  witnesses: Witness[],
) {
  const onOpen = (witness: Witness): void => {
    witnesses.push(witness);
    open?.(witness);
  };
  const handler = witnessing(onOpen, message, record);
  return { ...endpoint, ...(authorize === undefined ? {} : { authorize }), handler };
}
