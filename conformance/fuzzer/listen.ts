import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

import type { Case, FrameCase, Result } from '../case.ts';
import type { Verdict } from '../report/verdict.ts';
import { text } from '../wire/frame.ts';
import { hasToken, header, openingResponse, readHead } from '../wire/http.ts';
import type { Head } from '../wire/http.ts';
import { answerOffers } from '../wire/negotiation.ts';
import { Link } from './link.ts';
import { playFrames, timed } from './play.ts';
import type { CaseQueue } from './queue.ts';
import { playResponse } from './response.ts';
import { timers } from './timers.ts';

/** How long a client has until it connects for the case it was given, in ms. */
const connectTime = 10_000;

/** Opens a WebSocket on a client's request, with the deflate a case asks for. */
function accept(request: Head, socket: Socket, test?: FrameCase): Link {
  const offers = header(request, 'Sec-WebSocket-Extensions');
  const answer = answerOffers(offers, test?.deflate ?? []);
  const set: Record<string, string> = {};
  if (answer !== undefined) set['Sec-WebSocket-Extensions'] = answer.header;
  const protocol = header(request, 'Sec-WebSocket-Protocol')?.split(',')[0];
  if (protocol !== undefined) set['Sec-WebSocket-Protocol'] = protocol.trim();
  socket.write(openingResponse(header(request, 'Sec-WebSocket-Key') ?? '', { set }));
  return new Link(socket, 'server', answer?.agreement, request.rest);
}

function reply(socket: Socket, status: string, body: string): void {
  const head = `HTTP/1.1 ${status}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close`;
  socket.end(`${head}\r\n\r\n${body}`);
}

/** The fuzzer as a server: a client under test asks for the cases one by one and echoes. */
export class FuzzingServer {
  readonly #cases: readonly Case[];
  readonly #queue: CaseQueue;
  readonly #server: Server;
  readonly #started = new Map<Case, NodeJS.Timeout>();
  readonly #sockets = new Set<Socket>();
  /** Resolves when a client asked for /updateReports. */
  readonly finished: Promise<void>;
  #finish: () => void = () => {};

  constructor(cases: readonly Case[], queue: CaseQueue) {
    this.#cases = cases;
    this.#queue = queue;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      void this.#onConnection(socket);
    });
  }

  /** Listens on the loopback address; resolves with the port. */
  async listen(port: number): Promise<number> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and drops what is open. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #onConnection(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    const request = await readHead(socket, timers.handshake);
    const target = request?.startLine.split(' ')[1];
    if (request === undefined || target === undefined) return void socket.destroy();
    const url = new URL(target, 'http://fuzzer');
    if (!hasToken(request, 'Connection', 'upgrade')) return this.#onRequest(url, socket);
    const test = this.#cases[Number(url.searchParams.get('case') ?? 0) - 1];
    if (url.pathname === '/runCase' && test !== undefined) return this.#run(test, request, socket);
    return this.#answer(url, test, request, socket);
  }

  #answer(url: URL, test: Case | undefined, request: Head, socket: Socket): void {
    const link = accept(request, socket);
    const result = test === undefined ? undefined : this.#queue.results.get(test.id);
    const { behavior, behaviorClose } = result ?? {};
    const answers: Readonly<Record<string, unknown>> = {
      '/getCaseCount': this.#cases.length,
      '/getCaseInfo': { id: test?.id, description: test?.title },
      '/getCaseStatus': { behavior, behaviorClose },
    };
    const answer = answers[url.pathname];
    if (answer !== undefined) link.send(text(JSON.stringify(answer)));
    link.close(1000);
    if (url.pathname === '/updateReports') void link.ended.then(() => this.#finish());
  }

  async #onRequest(url: URL, socket: Socket): Promise<void> {
    if (url.pathname !== '/next') return reply(socket, '404 Not Found', '');
    const test = await this.#queue.next();
    if (test === undefined) return reply(socket, '204 No Content', '');
    const absent = (): void =>
      void this.#finishCase(test, async () => ({
        behavior: 'FAILED',
        behaviorClose: 'FAILED',
        expected: 'a connection',
        got: 'the client did not connect',
        timedOut: true,
      }));
    this.#started.set(test, setTimeout(absent, connectTime));
    const setup = test.setup ?? 'echo';
    const body = { case: this.#cases.indexOf(test) + 1, id: test.id, setup };
    return reply(socket, '200 OK', JSON.stringify(body));
  }

  async #run(test: Case, request: Head, socket: Socket): Promise<void> {
    clearTimeout(this.#started.get(test));
    await this.#finishCase(test, () => {
      if (test.kind === 'response') return playResponse(test, request, socket);
      if (test.kind === 'frames') return playFrames(test, accept(request, socket, test), 'client');
      throw new TypeError(`case ${test.id} is not for clients`);
    });
  }

  async #finishCase(
    test: Case,
    run: () => Promise<Verdict & Pick<Result, 'timedOut'>>,
  ): Promise<void> {
    this.#queue.done(test, await timed(test, 'client', run));
  }
}
