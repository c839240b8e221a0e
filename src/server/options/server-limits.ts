import { integer, type Rules } from '../../connection/options/option-rules.ts';
import { defaultMaxConnections } from '../limits/descriptors.ts';

/** How many clients a server takes at once. */
export interface ServerLimitOptions {
  /**
   * The most connections; further requests get 503. Default: 90 % of the files and sockets that the
   * process may have open; Infinity where the system sets no limit.
   */
  readonly maxConnections?: number;
  /**
   * The most connections of one client: of an IPv4 address, or of the /64 of an IPv6 address, which
   * is the client's and not its proxy's when `trustProxy` says so. Default: Infinity.
   */
  readonly maxConnectionsPerAddress?: number;
  /** The most opening handshakes under way: TLS, head and `authorize`. Default: 1 024. */
  readonly maxPendingHandshakes?: number;
}

/** How many clients a server takes, checked. */
export type ResolvedServerLimits = Readonly<Required<ServerLimitOptions>>;

/** What a server gets where it does not say otherwise. */
export function serverLimitDefaults(): ResolvedServerLimits {
  return Object.freeze({
    maxConnections: defaultMaxConnections(),
    maxConnectionsPerAddress: Infinity,
    maxPendingHandshakes: 1024,
  });
}

const count = integer(1, Number.MAX_SAFE_INTEGER, true);

/** The rules of how many clients a server takes. */
export const serverLimitRules: Rules<ResolvedServerLimits> = {
  maxConnections: count,
  maxConnectionsPerAddress: count,
  maxPendingHandshakes: count,
};

/** Takes what concerns the server out of options that are its endpoints' as well. */
export function splitServerLimits<T extends ResolvedServerLimits>({
  maxConnections,
  maxConnectionsPerAddress,
  maxPendingHandshakes,
  ...others
}: T): { readonly limits: ResolvedServerLimits } & Omit<T, keyof ResolvedServerLimits> {
  const limits = { maxConnections, maxConnectionsPerAddress, maxPendingHandshakes };
  return { limits: Object.freeze(limits), ...others };
}
