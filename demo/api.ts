import type { IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

import { isValidCloseCode } from 'hawser/protocol';

import { type CloseLog, toRecord } from './close-log.ts';
import type { Reachable, Visitors } from './visitors.ts';

/** An answer in JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly allow?: string;
}

/** How long an answer may take when it has to wait for the peer, in ms. */
const patience = 10_000;

/** The largest body of a request, in bytes. */
const largestBody = 4 * 1024;

const routes = /^\/api\/(closed|ping|close)\/([\w-]{16,64})$/;

/**
 * What the page asks for over HTTP about a connection whose key it knows:
 * `GET /api/closed/KEY` its CloseInfo, `POST /api/ping/KEY` a Ping by the server,
 * `POST /api/close/KEY` with `{ code, reason }` a Close by the server.
 */
export class Api {
  readonly #visitors: Visitors;
  readonly #log: CloseLog;
  readonly #pinging = new WeakSet<Reachable>();

  constructor(visitors: Visitors, log: CloseLog) {
    this.#visitors = visitors;
    this.#log = log;
  }

  async answer(request: IncomingMessage, path: string): Promise<Answer> {
    const [, verb, key] = routes.exec(path) ?? [];
    if (verb === undefined || key === undefined) return problem(404, 'there is nothing here');
    const method = verb === 'closed' ? 'GET' : 'POST';
    if (request.method !== method) {
      return { ...problem(405, `use ${method} for this`), allow: method };
    }
    if (verb === 'closed') return this.#closed(key);
    const connection = this.#visitors.find(key);
    if (connection === undefined) return problem(404, 'that connection is not open');
    return verb === 'ping' ? this.#ping(connection) : close(connection, request);
  }

  async #closed(key: string): Promise<Answer> {
    const connection = this.#visitors.find(key);
    if (connection !== undefined) {
      const info = await within(patience, connection.closed);
      return info ? { status: 200, body: toRecord(info) } : problem(409, 'it is still open');
    }
    const record = this.#log.find(key);
    return record ? { status: 200, body: record } : problem(404, 'that connection is not known');
  }

  async #ping(connection: Reachable): Promise<Answer> {
    if (this.#pinging.has(connection)) return problem(429, 'a ping is under way');
    this.#pinging.add(connection);
    try {
      const roundTripMs = await within(patience, connection.ping());
      if (roundTripMs === undefined) return problem(504, 'no pong came back in time');
      return { status: 200, body: { roundTripMs } };
    } catch {
      return problem(410, 'the connection ended before its pong');
    } finally {
      this.#pinging.delete(connection);
    }
  }
}

async function close(connection: Reachable, request: IncomingMessage): Promise<Answer> {
  const wish = await readJson(request);
  if (typeof wish !== 'object' || wish === null) return problem(400, 'a JSON object is needed');
  const code = 'code' in wish ? wish.code : undefined;
  const reason = 'reason' in wish ? wish.reason : '';
  if (typeof code !== 'number' || !isValidCloseCode(code)) {
    return problem(400, 'codes that may be sent: 1000–1003, 1007–1014, 3000–4999');
  }
  if (typeof reason !== 'string') return problem(400, 'the reason is a string');
  void connection.close(code, reason);
  return { status: 202, body: { code, reason } };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([promise, wait(ms, undefined, { signal: timer.signal, ref: false })]);
  } finally {
    timer.abort();
  }
}

function problem(status: number, error: string): Answer {
  return { status, body: { error } };
}
