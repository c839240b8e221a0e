import type { Handler } from '../../connection/handler.ts';
import { checkReceiving } from '../../connection/options/handler-rule.ts';
import {
  callable,
  resolveOptions,
  type Rules,
  wrongType,
} from '../../connection/options/option-rules.ts';
import type { Acceptance } from '../request/authorize.ts';
import type { UpgradeRequest } from '../request/request.ts';
import { type ProxyTrust, proxyTrust } from '../request/trust-proxy.ts';
import {
  type Authorize,
  endpointDefaults,
  type EndpointOptions,
  endpointRules,
  type ResolvedEndpointOptions,
} from './options.ts';

type HandlerName = keyof Handler;

/** Handlers beside the options, or one object that has them. */
type Handlers<Context, Params> =
  | (Handler<Context, Params> & { readonly handler?: never })
  | ({ readonly handler: Handler<Context, Params> } & { readonly [K in HandlerName]?: never });

declare const expected: unique symbol;

/** What an endpoint expects of its path. */
interface Expecting<Params> {
  /** Only for the compiler, which compares it with the path that the endpoint is put on. */
  readonly [expected]?: (params: Params) => void;
}

/** What is served on a path. */
export type Endpoint<Context = unknown, Params = Record<string, string>> = EndpointOptions & {
  /** Decides who may connect, and gives the connection its context. */
  readonly authorize?: (request: UpgradeRequest<Params>) => unknown;
} & Handlers<Context, Params> &
  Expecting<Params>;

/** The context that follows from what `authorize` returns. */
export type ContextOf<Result> =
  Result extends Acceptance<infer Context>
    ? Context
    : Result extends false | null | Response
      ? never
      : Result;

/** An endpoint whose context is what its `authorize` returns. */
export type EndpointDefinition<Result, Params> = EndpointOptions & {
  authorize?(request: UpgradeRequest<Params>): Result | PromiseLike<Result>;
} & Handlers<ContextOf<Result>, Params>;

/** The names a path pattern gives to its segments: `'/chat/:room'` has `room`. */
export type PathParams<Path extends string> = string extends Path
  ? Readonly<Record<string, string>>
  : { readonly [Name in ParamName<Path>]: string };

type ParamName<Path extends string> = Path extends `${infer Segment}/${infer Rest}`
  ? SegmentName<Segment> | ParamName<Rest>
  : SegmentName<Path>;

type SegmentName<Segment extends string> = Segment extends `:${infer Name}`
  ? Name
  : Segment extends '*'
    ? '*'
    : never;

/** Handlers that know nothing of the context, or an endpoint whose types are complete. */
type EndpointOn<Params> = Endpoint<unknown, Params> | Expecting<Params>;

/** Endpoints by the patterns of their paths. */
export type Endpoints<Path extends string = string> = {
  // Only the keys say what the paths are, not the names that handlers use.
  readonly [P in Path]: EndpointOn<PathParams<NoInfer<P>>>;
};

/**
 * Gives an endpoint back as it is, with the types inferred: its context from `authorize`, its params
 * from the path it stands on or, where it stands alone, from `UpgradeRequest<{ room: string }>`.
 */
export function endpoint<Result = undefined, Params = Record<string, string>>(
  definition: EndpointDefinition<Result, Params>,
): Endpoint<ContextOf<Result>, Params> {
  return definition;
}

/** An endpoint, checked and complete. */
export interface ResolvedEndpoint {
  readonly handler: Handler;
  readonly options: ResolvedEndpointOptions;
  readonly trust: ProxyTrust;
  /** The origins whose refusal was printed; shared by the endpoints of a server. */
  readonly refusedOrigins: Set<string>;
}

const handlerRules: Rules<Record<HandlerName, unknown>> = {
  open: callable(),
  message: callable(),
  fragment: callable(),
  ping: callable(),
  pong: callable(),
  drain: callable(),
  close: callable(),
  error: callable(),
};

/** Checks an endpoint and completes its options from the defaults; errors begin with the scope. */
export function resolveEndpoint(
  given: unknown,
  defaults: ResolvedEndpointOptions = endpointDefaults,
  scope = 'endpoint',
  refusedOrigins = new Set<string>(),
): ResolvedEndpoint {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw wrongType(scope, 'an object with handlers and options', given);
  }
  const { handler, settings } = isPlain(given) ? splitPlain(given, scope) : splitInstance(given);
  checkReceiving(handler, scope);
  const rules: Rules<ResolvedEndpointOptions> = { ...endpointRules(defaults), ...handlerRules };
  const options = resolveOptions(settings, rules, { ...defaults, ...authorizeOf(handler) }, scope);
  return Object.freeze({ handler, options, trust: proxyTrust(options.trustProxy), refusedOrigins });
}

/** Endpoints by the patterns of their paths, checked and complete. */
export type ResolvedEndpoints = ReadonlyMap<string, ResolvedEndpoint>;

/** Checks all endpoints of a server. */
export function resolveEndpoints(
  given: unknown,
  defaults: ResolvedEndpointOptions,
): ResolvedEndpoints {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw wrongType('endpoints', 'an object from paths to endpoints', given);
  }
  const refusedOrigins = new Set<string>();
  const resolved = Object.entries(given).map(([path, endpoint]): [string, ResolvedEndpoint] => {
    const scope = `endpoints[${JSON.stringify(path)}]`;
    return [path, resolveEndpoint(endpoint, defaults, scope, refusedOrigins)];
  });
  return new Map(resolved);
}

interface Split {
  readonly handler: Handler;
  /** What is to be checked: options, and handlers that stand beside them. */
  readonly settings: object;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function splitPlain(given: object, scope: string): Split {
  const { handler, ...settings } = given as { handler?: unknown };
  if (handler === undefined) return { handler: given, settings };
  if (typeof handler !== 'object' || handler === null) {
    throw wrongType(`${scope}.handler`, 'an object', handler);
  }
  const beside = Object.keys(settings).find((name) => Object.hasOwn(handlerRules, name));
  if (beside === undefined) return { handler, settings };
  throw new TypeError(`${scope}.${beside} must not stand beside ${scope}.handler`);
}

// An instance of a class may have members of its own, so that only what is known is taken from it.
function splitInstance(given: object): Split {
  const names = Object.keys(endpointRules(endpointDefaults)).filter((name) => name in given);
  const settings = names.map((name) => [name, Reflect.get(given, name)]);
  return { handler: given, settings: Object.fromEntries(settings) };
}

// Nothing in a handler object is checked, but one that brings its own guard must not lose it.
function authorizeOf(handler: object): { readonly authorize?: Authorize } {
  const authorize: unknown = Reflect.get(handler, 'authorize');
  return typeof authorize === 'function' ? { authorize: authorize as Authorize } : {};
}
