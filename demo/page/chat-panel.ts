import { byId, emptyOnEscape, Log, make } from './elements.ts';
import type { Link, LinkState } from './link.ts';
import { People, type Person } from './people.ts';

/** How long a pause ends typing, in ms. */
const typingPause = 3_000;

/** What the server tells over `chat.hawser.v1`, one JSON object per message. */
type ChatEvent =
  | { type: 'welcome'; room: string; you: { id: string; name: string }; people: Person[] }
  | { type: 'joined' | 'left'; id: string; name: string }
  | { type: 'renamed'; id: string; name: string; was: string }
  | { type: 'typing'; id: string; typing: boolean }
  | { type: 'said'; id: string; name: string; text: string; at: number }
  | { type: 'people'; people: Person[]; missed: number }
  | { type: 'problem'; text: string };

type Said = Extract<ChatEvent, { type: 'said' }>;

/** The chat: its log, who is here, who is typing, and the fields to write in. */
export class ChatPanel {
  readonly #link: Link;
  readonly #people = new People(byId('chat-people', HTMLElement), byId('chat-typing', HTMLElement));
  readonly #log = new Log(byId('chat-log', HTMLElement), 300);
  readonly #name = byId('chat-name', HTMLInputElement);
  readonly #message = byId('chat-message', HTMLInputElement);
  #lastSpeaker = '';
  #state: LinkState = 'closed';
  /** The name that this connection began with. */
  #asked = '';
  #typing = false;
  #typingTimer = 0;

  constructor(link: Link, name: string) {
    this.#link = link;
    this.#name.value = name;
  }

  /** Listens to the link and to the person. */
  start(): void {
    this.#link.onMessage = (message) => this.#onEvent(JSON.parse(String(message)) as ChatEvent);
    this.#link.watch(() => this.#onLink());
    this.#name.addEventListener('change', () => this.#rename());
    onSubmit('chat-name-form', () => this.#message.focus());
    this.#message.addEventListener('input', () => this.#onInput());
    emptyOnEscape(this.#message);
    onSubmit('chat-form', () => this.#say());
  }

  #say(): void {
    const text = this.#message.value;
    if (text.trim() === '' || !this.#tell({ type: 'say', text })) return;
    this.#message.value = '';
    this.#setTyping(false, false);
  }

  #rename(): void {
    this.#tell({ type: 'name', name: this.#name.value });
  }

  #onInput(): void {
    this.#setTyping(this.#message.value !== '', true);
  }

  #setTyping(typing: boolean, tell: boolean): void {
    clearTimeout(this.#typingTimer);
    if (typing) this.#typingTimer = setTimeout(() => this.#setTyping(false, true), typingPause);
    if (this.#typing !== typing && tell) this.#tell({ type: 'typing', typing });
    this.#typing = typing;
  }

  #tell(command: object): boolean {
    return this.#link.send(JSON.stringify(command));
  }

  #onLink(): void {
    const { state } = this.#link;
    byId('chat-send', HTMLButtonElement).disabled = state !== 'open';
    if (state === this.#state) return;
    this.#state = state;
    if (state === 'connecting') this.#asked = this.#name.value;
    if (state !== 'closed') return;
    this.#people.set([], '');
    this.#setTyping(false, false);
    const reason = this.#link.seen?.reason;
    this.#note(reason ? `Not connected: ${reason}. ` : 'Not connected. ').append(this.#rejoin());
  }

  /** A button that connects again, once. */
  #rejoin(): HTMLButtonElement {
    const button = make('button', '', 'Connect again');
    button.addEventListener('click', () => {
      button.remove();
      this.#message.focus();
      if (this.#link.state === 'closed') this.#link.connect();
    });
    return button;
  }

  #onEvent(event: ChatEvent): unknown {
    switch (event.type) {
      case 'welcome':
        byId('chat-room', HTMLElement).textContent = event.room;
        this.#people.set(event.people, event.you.id);
        if (this.#name.value === this.#asked) this.#keepName(event.you.name);
        else if (document.activeElement !== this.#name) this.#rename();
        return this.#note(`You are ${event.you.name}.`);
      case 'joined':
        this.#people.add({ id: event.id, name: event.name, typing: false });
        return this.#note(`${event.name} joined.`);
      case 'left':
        this.#people.remove(event.id);
        return this.#note(`${event.name} left.`);
      case 'renamed':
        this.#people.change(event.id, { name: event.name });
        if (this.#people.isSelf(event.id)) this.#keepName(event.name);
        return this.#note(`${event.was} is now ${event.name}.`);
      case 'typing':
        return this.#people.change(event.id, { typing: event.typing });
      case 'said':
        this.#people.change(event.id, { typing: false });
        return this.#show(event);
      case 'people':
        this.#people.set(event.people, this.#people.self);
        return this.#note(`This tab was too slow and missed ${event.missed} events.`);
      case 'problem':
        return this.#note(event.text);
    }
  }

  #keepName(name: string): void {
    if (document.activeElement !== this.#name) this.#name.value = name;
    keep('chat-name', name);
  }

  #show({ id, name, text, at }: Said): void {
    const time = new Date(at);
    const clock = make('time', '', time.toLocaleTimeString([], { timeStyle: 'short' }));
    clock.dateTime = time.toISOString();
    const head = make('p', 'who', make('bdi', 'name', name), clock);
    const entry = make('div', 'said', People.badge(id, name), head, make('p', 'text', text));
    entry.dir = 'auto';
    if (this.#people.isSelf(id)) entry.classList.add('own');
    if (this.#lastSpeaker === id) entry.classList.add('again');
    this.#lastSpeaker = id;
    this.#log.add(entry);
  }

  #note(text: string): HTMLElement {
    const note = make('p', 'note', text);
    this.#lastSpeaker = '';
    this.#log.add(note);
    return note;
  }
}

function onSubmit(form: string, act: () => void): void {
  byId(form, HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    act();
  });
}

function keep(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // A browser may forbid storage; the name then lasts as long as the page.
  }
}
