import { make } from './elements.ts';

/** One person in the room. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly typing: boolean;
}

/** Who is here and who is typing, and the two elements that show it. */
export class People {
  readonly #list: HTMLElement;
  readonly #typing: HTMLElement;
  readonly #people = new Map<string, Person>();
  #self = '';

  constructor(list: HTMLElement, typing: HTMLElement) {
    this.#list = list;
    this.#typing = typing;
  }

  get size(): number {
    return this.#people.size;
  }

  /** The id of the person in front of this page. */
  get self(): string {
    return this.#self;
  }

  isSelf(id: string): boolean {
    return id === this.#self;
  }

  set(people: readonly Person[], self: string): void {
    this.#self = self;
    this.#people.clear();
    for (const person of people) this.#people.set(person.id, person);
    this.#show();
  }

  add(person: Person): void {
    this.#people.set(person.id, person);
    this.#show();
  }

  remove(id: string): void {
    this.#people.delete(id);
    this.#show();
  }

  change(id: string, change: Partial<Person>): void {
    const person = this.#people.get(id);
    if (person !== undefined) this.add({ ...person, ...change });
  }

  /** A round badge with the first letter of a name, in the colour of its owner. */
  static badge(id: string, name: string): HTMLElement {
    const [letter = '?'] = name;
    const badge = make('span', 'badge', letter.toUpperCase());
    badge.setAttribute('aria-hidden', 'true');
    badge.style.setProperty('--hue', String(hueOf(id)));
    return badge;
  }

  #show(): void {
    const items = [...this.#people.values()].map((person) => {
      const name = make('bdi', '', person.name);
      const item = make('li', '', People.badge(person.id, person.name), name);
      if (this.isSelf(person.id)) item.append(make('small', '', 'you'));
      item.classList.toggle('typing', person.typing);
      return item;
    });
    this.#list.replaceChildren(...items);
    this.#typing.textContent = this.#sentence();
  }

  #sentence(): string {
    const names = [...this.#people.values()]
      .filter(({ id, typing }) => typing && !this.isSelf(id))
      .map(({ name }) => name);
    if (names.length === 0) return '';
    if (names.length > 2) return `${names.length} people are typing…`;
    return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing…`;
  }
}

function hueOf(id: string): number {
  let hash = 7;
  for (const character of id) hash = (hash * 31 + character.charCodeAt(0)) % 360;
  // Neighbouring ids get colours far apart: steps by the golden angle.
  return Math.round((hash * 137.5) % 360);
}
