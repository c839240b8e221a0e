import { describe, drawChart } from './chart.ts';
import { byId, make } from './elements.ts';
import { formatCount } from './format.ts';
import type { CloseRecord, Link, Traffic } from './link.ts';

/** The CloseInfo's members in the order of their weight. */
const members = [
  'code',
  'reason',
  'wasClean',
  'initiator',
  'phase',
  'sentCode',
  'receivedCode',
  'error',
  'retryable',
  'lastRoundTripMs',
  'bufferedAmount',
];

/** Shows one of the page's connections, pings it and closes it. */
export class Inspector {
  readonly #links: Readonly<Record<string, Link>>;
  readonly #repeat = byId('ping-repeat', HTMLInputElement);
  #link: Link;
  #timer = 0;

  constructor(links: Readonly<Record<string, Link>>, first: Link) {
    this.#links = links;
    this.#link = first;
  }

  /** Listens to the links and to the person. */
  start(): void {
    for (const link of Object.values(this.#links))
      link.watch(() => link === this.#link && this.#show());
    for (const radio of document.querySelectorAll<HTMLInputElement>('input[name=inspected]')) {
      radio.addEventListener('change', () => this.#choose(radio.value));
    }
    onClick('echo-ping', () => void this.#ping());
    this.#repeat.addEventListener('change', () => this.#onRepeat());
    onClick('close-from-server', () => void this.#closeFromServer());
    onClick('connect-again', () => this.#connectAgain());
    byId('close-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#closeFromPage();
    });
    new ResizeObserver(() => this.#showChart()).observe(byId('ping-chart', SVGSVGElement));
    this.#show();
  }

  #choose(name: string): void {
    this.#link = this.#links[name] ?? this.#link;
    this.#complain(undefined);
    this.#show();
  }

  async #ping(): Promise<void> {
    if (this.#link.state === 'open') this.#complain(await this.#link.ping());
  }

  #onRepeat(): void {
    clearInterval(this.#timer);
    // A screen reader should not be told a number every second.
    byId('ping-summary', HTMLElement).ariaLive = this.#repeat.checked ? 'off' : 'polite';
    if (!this.#repeat.checked) return;
    this.#timer = setInterval(() => void this.#ping(), 1_000);
    void this.#ping();
  }

  #closeFromPage(): void {
    const { code, reason } = readWish();
    try {
      this.#link.close(code, reason);
      this.#complain(undefined);
    } catch (error) {
      const long = error instanceof DOMException && error.name === 'SyntaxError';
      const rule = long
        ? 'A reason has at most 123 bytes.'
        : 'A page may send 1000 and 3000 to 4999; the server may send more.';
      this.#complain(rule);
    }
  }

  async #closeFromServer(): Promise<void> {
    const { code, reason } = readWish();
    this.#complain(await this.#link.closeFromServer(code, reason));
  }

  #connectAgain(): void {
    document.querySelector<HTMLInputElement>('input[name=inspected]:checked')?.focus();
    this.#link.connect();
  }

  #complain(problem: string | undefined): void {
    byId('problem', HTMLElement).textContent = problem ?? '';
  }

  #show(): void {
    const { state, subprotocol, extensions, received, sent } = this.#link;
    const output = byId('connection-state', HTMLElement);
    if (output.textContent !== state) output.textContent = state;
    output.dataset['state'] = state;
    byId('connection-subprotocol', HTMLElement).textContent = subprotocol || 'none';
    byId('connection-extensions', HTMLElement).textContent = extensions || 'none';
    showTraffic('in', received);
    showTraffic('out', sent);
    this.#showChart();
    this.#showEnd();
  }

  #showChart(): void {
    const { roundTrips, state } = this.#link;
    drawChart(byId('ping-chart', SVGSVGElement), roundTrips);
    byId('ping-summary', HTMLElement).textContent = describe(roundTrips);
    byId('echo-ping', HTMLButtonElement).disabled = state !== 'open';
  }

  #showEnd(): void {
    const { state, seen, closeInfo } = this.#link;
    const form = byId('close-form', HTMLFormElement);
    const closed = byId('closed', HTMLElement);
    const hadFocus = form.contains(document.activeElement);
    closed.hidden = state !== 'closed';
    form.hidden = !closed.hidden;
    if (closed.hidden) return;
    if (hadFocus) byId('connect-again', HTMLButtonElement).focus();
    const reason = seen?.reason ? ` “${seen.reason}”` : '';
    byId('close-seen', HTMLElement).textContent =
      seen === undefined ? '' : `This browser saw ${seen.code}${reason}. The server:`;
    byId('close-info', HTMLElement).replaceChildren(...listInfo(closeInfo));
  }
}

function listInfo(info: CloseRecord | string | undefined): HTMLElement[] {
  if (info === undefined) return [make('dd', 'wide', 'asking …')];
  if (typeof info === 'string') return [make('dd', 'wide', info)];
  return members.flatMap((member) => {
    const value = make('dd', '', wordOf(info, member));
    value.dataset['member'] = member;
    return [make('dt', '', member), value];
  });
}

function wordOf(info: CloseRecord, member: string): string {
  const value = info[member];
  if (member === 'code') return [value, info['codeName']].filter(Boolean).join(' ');
  if (value === undefined || value === '') return '–';
  if (member === 'lastRoundTripMs') return Number(value).toFixed(3);
  if (typeof value === 'string') return value;
  const error = typeof value === 'object' && value !== null && 'message' in value;
  return error ? String(value.message) : JSON.stringify(value);
}

function showTraffic(direction: string, { messages, bytes }: Traffic): void {
  byId(`messages-${direction}`, HTMLElement).textContent = formatCount(messages);
  byId(`bytes-${direction}`, HTMLElement).textContent = formatCount(bytes);
}

function readWish(): { code: number; reason: string } {
  const code = Number(byId('close-code', HTMLInputElement).value);
  return { code, reason: byId('close-reason', HTMLInputElement).value };
}

function onClick(button: string, act: () => void): void {
  byId(button, HTMLButtonElement).addEventListener('click', act);
}
