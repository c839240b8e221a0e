import { byId, emptyOnEscape, Log, make } from './elements.ts';
import { formatSize, formatTime } from './format.ts';
import type { Link } from './link.ts';
import { sha256 } from './sha256.ts';

/** The largest file that the server echoes, in bytes. */
const largestFile = 16 * 1024 * 1024;

/** The most characters of a text that the log shows. */
const shownText = 2_000;

interface Sent {
  readonly at: number;
  /** Undefined for a text. */
  readonly file: { readonly name: string; readonly hash: string } | undefined;
}

/** The echo console: sends text and files, shows what comes back. */
export class EchoPanel {
  readonly #link: Link;
  readonly #log = new Log(byId('echo-log', HTMLElement), 200, forgetDownload);
  readonly #text = byId('echo-text', HTMLInputElement);
  readonly #file = byId('echo-file', HTMLInputElement);
  /** What has not come back yet; echoes keep the order. */
  #pending: Sent[] = [];

  constructor(link: Link) {
    this.#link = link;
  }

  /** Listens to the link and to the person. */
  start(): void {
    this.#link.onMessage = (message) => this.#receive(message);
    this.#link.watch(() => this.#onLink());
    emptyOnEscape(this.#text);
    byId('echo-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      this.#sendText();
    });
    this.#file.addEventListener('change', () => void this.#sendFiles());
  }

  #onLink(): void {
    const open = this.#link.state === 'open';
    byId('echo-send', HTMLButtonElement).disabled = !open;
    this.#file.disabled = !open;
    if (!open) this.#pending = [];
  }

  #sendText(): void {
    const text = this.#text.value;
    if (!this.#link.send(text)) return;
    this.#pending.push({ at: performance.now(), file: undefined });
    this.#show('out', shorten(text), 'text');
    this.#text.value = '';
  }

  async #sendFiles(): Promise<void> {
    const files = [...(this.#file.files ?? [])];
    this.#file.value = '';
    for (const file of files) {
      if (file.size > largestFile) this.#tooLarge(file);
      else this.#sendFile(file.name, new Uint8Array(await file.arrayBuffer()));
    }
  }

  #sendFile(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    const hash = sha256(bytes);
    if (!this.#link.send(bytes)) return;
    this.#pending.push({ at: performance.now(), file: { name, hash } });
    this.#show('out', name, 'file', formatSize(bytes.length));
  }

  #tooLarge({ name, size }: File): void {
    this.#show('out', `${name} stays here: at most ${formatSize(largestFile)}`, formatSize(size));
  }

  #receive(message: string | Uint8Array<ArrayBuffer>): void {
    const sent = this.#pending.shift();
    const took = sent === undefined ? 'not asked for' : formatTime(performance.now() - sent.at);
    if (typeof message === 'string') {
      this.#show('in', shorten(message), 'text', took);
      return;
    }
    const name = sent?.file?.name ?? 'binary message';
    const entry = this.#show('in', name, 'file', formatSize(message.length), took);
    const hash = sha256(message);
    const same = hash === sent?.file?.hash;
    const fate = make('strong', same ? 'good' : 'bad', same ? 'same bytes' : 'other bytes');
    entry.append(make('code', 'hash', hash));
    entry.append(make('span', 'fate', fate, download(name, message)));
    this.#log.follow();
  }

  #show(direction: 'in' | 'out', text: string, ...facts: readonly string[]): HTMLElement {
    const [arrow, word] = direction === 'in' ? ['↓', 'received'] : ['↑', 'sent'];
    const mark = make('span', 'arrow', arrow, make('span', 'unseen', word));
    const entry = make('div', `exchange ${direction}`, mark, make('bdi', 'payload', text));
    entry.append(make('span', 'meta', facts.join(' · ')));
    entry.dataset['direction'] = direction;
    this.#log.add(entry);
    return entry;
  }
}

function download(name: string, bytes: Uint8Array<ArrayBuffer>): HTMLElement {
  // Never the file's own type: opened in a tab, it must not run as a page of this server.
  const blob = new Blob([bytes], { type: 'application/octet-stream' });
  const link = make('a', 'download', 'Download');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.setAttribute('aria-label', `Download ${name} as it came back`);
  return link;
}

function forgetDownload(entry: Element): void {
  const link = entry.querySelector<HTMLAnchorElement>('a.download');
  if (link !== null) URL.revokeObjectURL(link.href);
}

function shorten(text: string): string {
  if (text === '') return '(empty)';
  if (text.length <= shownText) return text;
  return `${text.slice(0, shownText)}… ${text.length - shownText} more characters`;
}
