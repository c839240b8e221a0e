import type { Person, RoomEvent } from './room.ts';

/** What a visitor may ask for. */
export type Command =
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'name'; readonly name: string }
  | { readonly type: 'typing'; readonly typing: boolean };

/** What the server tells one visitor only. */
export type Notice =
  | {
      readonly type: 'welcome';
      readonly room: string;
      readonly you: { readonly id: string; readonly name: string };
      readonly people: readonly Person[];
    }
  | { readonly type: 'people'; readonly people: readonly Person[]; readonly missed: number }
  | { readonly type: 'problem'; readonly text: string };

/** How commands and events look on the wire. */
export interface Speech {
  /** The command in a message, or undefined when it is none. */
  read(message: string): Command | undefined;
  /** The message for an event, or undefined when this speech leaves it out. */
  write(event: RoomEvent | Notice): string | undefined;
}

/** The subprotocol of clients that speak JSON. */
export const jsonSubprotocol = 'chat.hawser.v1';

/** One JSON object per message: the speech of the page. */
export const jsonSpeech: Speech = {
  read(message) {
    const value = parse(message);
    if (typeof value !== 'object' || value === null || !('type' in value)) return undefined;
    if (value.type === 'say' && 'text' in value && typeof value.text === 'string') {
      return { type: 'say', text: value.text };
    }
    if (value.type === 'name' && 'name' in value && typeof value.name === 'string') {
      return { type: 'name', name: value.name };
    }
    if (value.type === 'typing' && 'typing' in value && typeof value.typing === 'boolean') {
      return { type: 'typing', typing: value.typing };
    }
    return undefined;
  },
  write: (event) => JSON.stringify(event),
};

/** One line of text per message: the speech of a terminal. */
export const lineSpeech: Speech = {
  read: (message) => ({ type: 'say', text: message }),
  write: writeLine,
};

function writeLine(event: RoomEvent | Notice): string | undefined {
  switch (event.type) {
    case 'said':
      return `${event.name}: ${event.text}`;
    case 'joined':
      return `* ${event.name} joined`;
    case 'left':
      return `* ${event.name} left`;
    case 'renamed':
      return `* ${event.was} is now ${event.name}`;
    case 'welcome':
      return `* You are ${event.you.name} in ${event.room} with ${list(event)}`;
    case 'people':
      return event.missed === 0 ? undefined : `* You missed ${event.missed} events`;
    case 'problem':
      return `* ${event.text}`;
    case 'typing':
      return undefined;
  }
}

function list({ people, you }: Extract<Notice, { type: 'welcome' }>): string {
  const others = people.filter(({ id }) => id !== you.id);
  return others.length === 0 ? 'nobody else' : others.map(({ name }) => name).join(', ');
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
