import type { Connection } from '../connection/connection.ts';
import { resolveOptions, type Rules, unchecked } from '../connection/options/option-rules.ts';
import { sharedClock } from '../connection/timing/clock.ts';
import { refuse } from '../handshake/decision.ts';
import { headLimits, type HeadLimits } from '../handshake/http-head.ts';
import {
  type CloseOptions,
  ConnectionHost,
  isDoneWithin,
  receiveAt,
  type ResolvedCloseOptions,
  resolveCloseOptions,
  type Route,
  routesTo,
} from './host.ts';
import { Front, type ServerAddress } from './http/front.ts';
import { callListener, plainAnswers } from './http/plain.ts';
import { type Endpoints, type ResolvedEndpoints, resolveEndpoints } from './options/endpoint.ts';
import {
  checkListenOptions,
  type EndpointDefaults,
  endpointDefaults,
  endpointRules,
  listenDefaults,
  type ListenOptions,
  listenRules,
  type ResolvedEndpointOptions,
  type ResolvedListenOptions,
} from './options/options.ts';
import {
  type ResolvedServerLimits,
  serverLimitDefaults,
  type ServerLimitOptions,
  serverLimitRules,
  splitServerLimits,
} from './options/server-limits.ts';
import { pathOf } from './request/request.ts';
import { Router } from './router.ts';
import type { ServerStats } from './stats.ts';
import { serveWorkers } from './workers/serve-workers.ts';

/** Options of `serve`: where to listen, what to serve there, and defaults of its endpoints. */
export interface ServeOptions<Path extends string = string>
  extends EndpointDefaults, ListenOptions, ServerLimitOptions {
  /** By the patterns of their paths: literal segments, `:name`, a final `*`. */
  readonly endpoints: Endpoints<Path>;
}

/** A server that listens. */
export interface Server extends AsyncDisposable {
  readonly address: ServerAddress;
  /** The open connections. */
  readonly connections: ReadonlySet<Connection>;
  /** What the server is doing and has done: a frozen snapshot, made when it is asked for. */
  stats(): ServerStats;
  /**
   * Stops listening at once, answers handshakes under way with 503, closes the connections and
   * resolves when all are gone; what is left at the deadline is terminated.
   */
  close(options?: CloseOptions): Promise<void>;
}

interface ResolvedServeOptions
  extends ResolvedEndpointOptions, ResolvedListenOptions, ResolvedServerLimits {
  readonly endpoints: unknown;
}

/** Listens and serves endpoints; rejects when the address cannot be listened on. */
export function serve<Path extends string>(options: ServeOptions<Path>): Promise<Server> {
  const rules: Rules<ResolvedServeOptions> = {
    ...endpointRules(endpointDefaults),
    ...listenRules,
    ...serverLimitRules,
    endpoints: unchecked(),
  };
  const defaults = {
    ...endpointDefaults,
    ...listenDefaults,
    ...serverLimitDefaults(),
    endpoints: undefined,
  };
  const resolved = resolveOptions<ResolvedServeOptions>(options, rules, defaults);
  const { limits, ...others } = splitServerLimits(resolved);
  const { port, host, path, tls, request, workers, endpoints, ...endpointOptions } = others;
  const listenOptions = { port, host, path, tls, request, workers };
  checkListenOptions(listenOptions);
  const routes = resolveEndpoints(endpoints, endpointOptions);
  const { handshakeTimeout, memoryBudget } = endpointOptions;
  const connections = new ConnectionHost(limits, memoryBudget);
  const open = () => listen(listenOptions, handshakeTimeout, routes, connections, limits);
  return workers === 1 ? open() : serveWorkers(workers, limits, open);
}

function listen(
  options: ResolvedListenOptions,
  timeout: number,
  endpoints: ResolvedEndpoints,
  connections: ConnectionHost,
  { maxPendingHandshakes }: ResolvedServerLimits,
): Promise<Server> {
  const router = new Router<Route>();
  router.addAll(routesTo(connections, endpoints));
  const listener = options.request ?? plainAnswers(router);
  const limits = largestLimits([...endpoints.values()].map((one) => one.options.headLimits));
  const { tally } = connections;
  const answering = () => connections.pendingHandshakes;
  const front = new Front(
    { tls: options.tls, timeout, limits, maxPendingHandshakes, answering, tally },
    {
      onUpgrade(arrival) {
        const match = router.find(pathOf(arrival.request.start.target));
        if (match === undefined) tally.refuse(refuse('NOT_FOUND'), arrival.socket);
        else if (match === 'malformed') tally.refuse(refuse('TARGET_INVALID'), arrival.socket);
        else receiveAt(match, arrival);
      },
      onRequest: (request, response) => callListener(listener, request, response),
    },
  );
  return front.listen(options).then((address) => new OpenServer(address, front, connections));
}

/** What the parser of all requests has to let through. */
function largestLimits(limits: readonly HeadLimits[]): HeadLimits {
  const largest = (name: keyof HeadLimits) =>
    Math.max(headLimits[name], ...limits.map((one) => one[name]));
  return {
    headSize: largest('headSize'),
    lineSize: largest('lineSize'),
    lines: largest('lines'),
    targetSize: largest('targetSize'),
  };
}

class OpenServer implements Server {
  readonly address: ServerAddress;
  readonly #front: Front;
  readonly #host: ConnectionHost;
  #closed: Promise<void> | undefined;

  constructor(address: ServerAddress, front: Front, host: ConnectionHost) {
    this.address = address;
    this.#front = front;
    this.#host = host;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#host.connections;
  }

  stats(): ServerStats {
    return this.#host.stats(this.#front.pendingHandshakes);
  }

  close(options?: CloseOptions): Promise<void> {
    const resolved = resolveCloseOptions(options);
    this.#closed ??= this.#close(resolved);
    return this.#closed;
  }

  async #close(options: ResolvedCloseOptions): Promise<void> {
    const gone = this.#front.close();
    const closed = this.#host.close(options);
    if (!(await isDoneWithin(gone, options.deadline, sharedClock))) this.#front.destroy();
    await Promise.all([gone, closed]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
