import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Duplex } from 'node:stream';

import type { Connection } from '../connection/connection.ts';
import {
  oneOf,
  resolveOptions,
  type Rules,
  wrongType,
} from '../connection/options/option-rules.ts';
import { refuse } from '../handshake/decision.ts';
import {
  type CloseOptions,
  ConnectionHost,
  receiveAt,
  resolveCloseOptions,
  type Route,
  routesTo,
} from './host.ts';
import { asksForWebSocket, Handover } from './http/handover.ts';
import { sendRefusal } from './http/refusal.ts';
import { type Endpoints, type ResolvedEndpoints, resolveEndpoints } from './options/endpoint.ts';
import {
  type EndpointDefaults,
  endpointDefaults,
  endpointRules,
  type ResolvedEndpointOptions,
} from './options/options.ts';
import {
  type ResolvedServerLimits,
  serverLimitDefaults,
  type ServerLimitOptions,
  serverLimitRules,
  splitServerLimits,
} from './options/server-limits.ts';
import { pathOf, receivedRequest } from './request/request.ts';
import { Router } from './router.ts';
import type { ServerStats } from './stats.ts';

/** What becomes of upgrade requests for paths that no endpoint has. */
export type Unmatched = 'refuse' | 'ignore';

/** Options of `attach`: defaults of its endpoints, and what concerns the server it attaches to. */
export interface AttachOptions extends EndpointDefaults, ServerLimitOptions {
  /**
   * 'refuse' answers 404, 'ignore' leaves the request alone. Default: 404 when the server has no
   * other `upgrade` listener.
   */
  readonly unmatched?: Unmatched;
}

/** Endpoints on an HTTP server of the application's. */
export interface Attachment extends AsyncDisposable {
  /** The open connections of these endpoints. */
  readonly connections: ReadonlySet<Connection>;
  /** What these endpoints are doing and have done: a frozen snapshot. */
  stats(): ServerStats;
  /** Takes the endpoints away; open connections go on. */
  detach(): void;
  /** Detaches and closes the connections; the HTTP server goes on. */
  close(options?: CloseOptions): Promise<void>;
}

interface ResolvedAttachOptions extends ResolvedEndpointOptions, ResolvedServerLimits {
  readonly unmatched: Unmatched | undefined;
}

/** Serves endpoints on an HTTP server that exists already; several calls share its paths. */
export function attach<Path extends string>(
  server: HttpServer | HttpsServer,
  endpoints: Endpoints<Path>,
  options: AttachOptions = {},
): Attachment {
  if (typeof server?.listenerCount !== 'function') {
    throw wrongType('server', 'a node:http or node:https server', server);
  }
  const rules: Rules<ResolvedAttachOptions> = {
    ...endpointRules(endpointDefaults),
    ...serverLimitRules,
    unmatched: oneOf('refuse', 'ignore'),
  };
  const defaults = { ...endpointDefaults, ...serverLimitDefaults(), unmatched: undefined };
  const { limits, ...others } = splitServerLimits(resolveOptions(options, rules, defaults));
  const { unmatched, ...resolved } = others;
  const host = new ConnectionHost(limits, resolved.memoryBudget);
  const hub = hubOf(server);
  const group = hub.add(resolveEndpoints(endpoints, resolved), host, unmatched);
  return new AttachedEndpoints(host, () => hub.remove(group));
}

class AttachedEndpoints implements Attachment {
  readonly #host: ConnectionHost;
  readonly #detach: () => void;
  #closed: Promise<void> | undefined;

  constructor(host: ConnectionHost, detach: () => void) {
    this.#host = host;
    this.#detach = detach;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#host.connections;
  }

  stats(): ServerStats {
    return this.#host.stats();
  }

  detach(): void {
    this.#detach();
  }

  close(options?: CloseOptions): Promise<void> {
    const resolved = resolveCloseOptions(options);
    this.#detach();
    this.#closed ??= this.#host.close(resolved);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The endpoints of one call of `attach`. */
interface Group {
  readonly patterns: readonly string[];
  readonly unmatched: Unmatched | undefined;
}

/** All endpoints on one HTTP server, behind one `upgrade` listener. */
class UpgradeHub {
  readonly #server: HttpServer;
  readonly #router = new Router<Route>();
  readonly #groups = new Set<Group>();
  readonly #handover: Handover;

  constructor(server: HttpServer) {
    this.#server = server;
    this.#handover = new Handover(server);
  }

  add(endpoints: ResolvedEndpoints, host: ConnectionHost, unmatched: Unmatched | undefined): Group {
    this.#router.addAll(routesTo(host, endpoints));
    const group: Group = { patterns: [...endpoints.keys()], unmatched };
    if (this.#groups.size === 0) {
      this.#server.on('upgrade', this.#onUpgrade).on('error', this.#onError);
    }
    this.#groups.add(group);
    return group;
  }

  remove(group: Group): void {
    if (!this.#groups.delete(group)) return;
    for (const pattern of group.patterns) this.#router.remove(pattern);
    if (this.#groups.size === 0) {
      this.#server.off('upgrade', this.#onUpgrade).off('error', this.#onError);
    }
  }

  readonly #onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Not by `request.headers`, which Node makes when it is asked for.
    const received = receivedRequest(request);
    if (!asksForWebSocket(received.headers.get('upgrade'))) {
      if (!this.#isAlone()) return;
      if (received.forged) sendRefusal(refuse('APPLICATION_FAILED'), socket);
      else this.#handover.give(request, socket, head);
      return;
    }
    const match = this.#router.find(pathOf(request.url));
    if (match !== undefined) {
      receiveAt(match, { request: received, socket, behind: head });
    } else if (this.#refusesUnmatched()) sendRefusal(refuse('NOT_FOUND'), socket);
  };

  /** A client that cannot be accepted, as without free descriptors, ends nothing; all else does. */
  readonly #onError = (error: NodeJS.ErrnoException): void => {
    if (error.syscall !== 'accept' && this.#server.listenerCount('error') === 1) throw error;
  };

  #isAlone(): boolean {
    return this.#server.listenerCount('upgrade') === 1;
  }

  #refusesUnmatched(): boolean {
    const wishes = new Set([...this.#groups].map((group) => group.unmatched));
    if (wishes.has('ignore')) return false;
    return wishes.has('refuse') || this.#isAlone();
  }
}

const hubs = new WeakMap<HttpServer, UpgradeHub>();

function hubOf(server: HttpServer): UpgradeHub {
  const known = hubs.get(server);
  if (known !== undefined) return known;
  const hub = new UpgradeHub(server);
  hubs.set(server, hub);
  return hub;
}
