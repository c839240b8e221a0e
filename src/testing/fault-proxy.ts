import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

import {
  type Direction,
  directionsOf,
  type Faults,
  type ResolvedFaults,
  resolveFaults,
} from './faults.ts';
import { type FaultControls, ProxiedConnection } from './proxied-connection.ts';
import {
  type FaultProxyOptions,
  type ResolvedProxyOptions,
  resolveProxyOptions,
} from './proxy-options.ts';

/** A TCP proxy that does to connections what networks do; it knows nothing of WebSocket. */
export interface FaultProxy extends FaultControls, AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The target's URL with the proxy's host and port; `tcp:` when the target is a port. */
  readonly url: string;
  /** Gives the same sizes, bytes and bits again when passed as the option `seed`. */
  readonly seed: number;
  /** The connections whose sockets are not all closed. */
  readonly connections: ReadonlySet<ProxiedConnection>;
  /** The next connection that comes. */
  accepted(): Promise<ProxiedConnection>;
  /** Stops listening and drops every connection; resolves when no socket and no timer is left. */
  close(): Promise<void>;
}

/**
 * Listens on a free port and forwards to a target, with faults that can be changed at any time.
 *
 * @example
 * const proxy = await faultProxy({ target: 'ws://127.0.0.1:8080/echo', seed: 7 });
 * const connection = await connect(proxy.url);
 * proxy.set({ delay: 100, split: 10 }, 'upstream');
 * proxy.hold();
 */
export function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const resolved = resolveProxyOptions(options);
  return ListeningProxy.listen(resolved);
}

class ListeningProxy implements FaultProxy {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly seed: number;
  readonly connections = new Set<ProxiedConnection>();
  readonly #server: Server;
  readonly #options: ResolvedProxyOptions;
  readonly #faults: Record<Direction, ResolvedFaults>;
  #accepted = 0;
  #awaiting: ((connection: ProxiedConnection) => void)[] = [];

  static async listen(options: ResolvedProxyOptions): Promise<ListeningProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(options.port, options.host);
    await once(server, 'listening');
    return new ListeningProxy(server, options);
  }

  constructor(server: Server, options: ResolvedProxyOptions) {
    const { address, port } = server.address() as AddressInfo;
    this.host = address;
    this.port = port;
    this.seed = options.seed;
    this.url = urlAt(options.target.url, address, port);
    this.#server = server;
    this.#options = options;
    this.#faults = { upstream: options.upstream, downstream: options.downstream };
    server.on('connection', (client) => this.#accept(client));
  }

  accepted(): Promise<ProxiedConnection> {
    return new Promise((resolve) => this.#awaiting.push(resolve));
  }

  set(faults: Faults, direction?: Direction): void {
    for (const way of directionsOf(direction)) {
      this.#faults[way] = resolveFaults(faults, this.#faults[way]);
    }
    for (const connection of this.connections) connection.set(faults, direction);
  }

  hold(direction?: Direction): void {
    this.set({ hold: true }, direction);
  }

  release(direction?: Direction): void {
    this.set({ hold: false }, direction);
  }

  fin(direction?: Direction): void {
    for (const connection of this.connections) connection.fin(direction);
  }

  reset(direction?: Direction): void {
    for (const connection of this.connections) connection.reset(direction);
  }

  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, 'close') : undefined;
    this.#server.close();
    const open = [...this.connections];
    for (const connection of open) connection.destroy();
    await Promise.all([closed, ...open.map((connection) => connection.closed)]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(client: Socket): void {
    const { target, seed, clock } = this.#options;
    const { host, port } = target;
    const connection = new ProxiedConnection({
      id: ++this.#accepted,
      client,
      target: connect({ host, port, allowHalfOpen: true, noDelay: true }),
      faults: { ...this.#faults },
      seed,
      clock,
    });
    this.connections.add(connection);
    void connection.closed.then(() => this.connections.delete(connection));
    for (const resolve of this.#awaiting.splice(0)) resolve(connection);
  }
}

function urlAt(target: URL, host: string, port: number): string {
  const url = new URL(target);
  url.hostname = host.includes(':') ? `[${host}]` : host;
  url.port = String(port);
  return url.href;
}
