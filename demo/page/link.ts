/** What a link is doing, in the words of the WebSocket standard. */
export type LinkState = 'connecting' | 'open' | 'closing' | 'closed';

/** What passed in one direction; bytes of payload, before compression. */
export interface Traffic {
  messages: number;
  bytes: number;
}

/** The CloseInfo as the server gives it in JSON. */
export type CloseRecord = Readonly<Record<string, unknown>>;

/** The most round trips that are kept. */
const keptRoundTrips = 60;

/** One WebSocket of this page, its counters, and what the server says about it over HTTP. */
export class Link {
  /** Called with every message. */
  onMessage: (message: string | Uint8Array<ArrayBuffer>) => void = () => undefined;
  state: LinkState = 'closed';
  subprotocol = '';
  extensions = '';
  readonly received: Traffic = { messages: 0, bytes: 0 };
  readonly sent: Traffic = { messages: 0, bytes: 0 };
  roundTrips: number[] = [];
  /** What the browser said about the end. */
  seen: { readonly code: number; readonly reason: string; readonly wasClean: boolean } | undefined;
  /** What the server said about the end, or why it did not. */
  closeInfo: CloseRecord | string | undefined;

  readonly #target: () => string;
  readonly #subprotocols: string[];
  readonly #watchers: (() => void)[] = [];
  #socket: WebSocket | undefined;
  #key = '';

  /** `target` gives path and query at the moment of connecting. */
  constructor(target: () => string, subprotocols: readonly string[]) {
    this.#target = target;
    this.#subprotocols = [...subprotocols];
  }

  /** Calls `watcher` after every change of what this link shows. */
  watch(watcher: () => void): void {
    this.#watchers.push(watcher);
  }

  connect(): void {
    this.#reset();
    const url = new URL(this.#target(), location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    url.searchParams.set('id', this.#key);
    const socket = new WebSocket(url, this.#subprotocols);
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.#opened(socket));
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.addEventListener('close', (event) => void this.#closed(socket, event));
    this.#socket = socket;
    this.#become('connecting');
  }

  /** Sends a message; false when the link is not open. */
  send(message: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(message);
    count(this.sent, message);
    this.#changed();
    return true;
  }

  /** Closes from this page; throws what the browser throws. */
  close(code: number, reason: string): void {
    this.#socket?.close(code, reason);
    this.#become('closing');
  }

  /** Asks the server to close; resolves with the problem, if there is one. */
  async closeFromServer(code: number, reason: string): Promise<string | undefined> {
    const { problem } = await this.#ask('close', 'POST', { code, reason });
    return problem;
  }

  /** Lets the server ping this page once; resolves with the problem, if there is one. */
  async ping(): Promise<string | undefined> {
    const key = this.#key;
    const { body, problem } = await this.#ask('ping', 'POST');
    const time = body['roundTripMs'];
    if (key !== this.#key || typeof time !== 'number') return problem;
    this.roundTrips = [...this.roundTrips, time].slice(-keptRoundTrips);
    this.#changed();
    return undefined;
  }

  #reset(): void {
    const random = crypto.getRandomValues(new Uint8Array(16));
    this.#key = [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    this.subprotocol = '';
    this.extensions = '';
    this.seen = undefined;
    this.closeInfo = undefined;
    this.roundTrips = [];
    Object.assign(this.sent, { messages: 0, bytes: 0 });
    Object.assign(this.received, { messages: 0, bytes: 0 });
  }

  #opened(socket: WebSocket): void {
    this.subprotocol = socket.protocol;
    this.extensions = socket.extensions;
    this.#become('open');
  }

  #receive(data: unknown): void {
    const message = data instanceof ArrayBuffer ? new Uint8Array(data) : String(data);
    count(this.received, message);
    this.onMessage(message);
    this.#changed();
  }

  async #closed(socket: WebSocket, { code, reason, wasClean }: CloseEvent): Promise<void> {
    if (socket !== this.#socket) return;
    this.seen = { code, reason, wasClean };
    this.#become('closed');
    const { body, problem } = await this.#ask('closed', 'GET');
    if (socket !== this.#socket) return;
    this.closeInfo = problem ?? body;
    this.#changed();
  }

  async #ask(
    verb: string,
    method: string,
    wish?: object,
  ): Promise<{ body: CloseRecord; problem?: string }> {
    const content = wish && {
      body: JSON.stringify(wish),
      headers: { 'Content-Type': 'application/json' },
    };
    try {
      const response = await fetch(`/api/${verb}/${this.#key}`, { method, ...content });
      const body = (await response.json()) as CloseRecord;
      return response.ok ? { body } : { body, problem: String(body['error']) };
    } catch {
      return { body: {}, problem: 'the server does not answer' };
    }
  }

  #become(state: LinkState): void {
    this.state = state;
    this.#changed();
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

function count(traffic: Traffic, message: string | Uint8Array): void {
  traffic.messages += 1;
  traffic.bytes +=
    typeof message === 'string' ? new TextEncoder().encode(message).length : message.length;
}
