/** The element with an id, which the page is known to have. */
export function byId<T extends Element>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`the page has no ${kind.name} called ${id}`);
}

/** A new element of a class with children; strings become text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** A log that keeps its latest entries and stays at its end while the reader is there. */
export class Log {
  readonly #box: HTMLElement;
  readonly #limit: number;
  readonly #onDrop: (entry: Element) => void;
  #atEnd = true;

  constructor(box: HTMLElement, limit: number, onDrop: (entry: Element) => void = () => undefined) {
    this.#box = box;
    this.#limit = limit;
    this.#onDrop = onDrop;
    box.addEventListener('scroll', () => this.#look());
    // A phone that is turned, or a window made smaller, must not hide the latest entry.
    new ResizeObserver(() => this.follow()).observe(box);
  }

  add(entry: HTMLElement): void {
    const box = this.#box;
    this.#look();
    box.append(entry);
    for (let first; box.childElementCount > this.#limit && (first = box.firstElementChild);) {
      this.#onDrop(first);
      first.remove();
    }
    this.follow();
  }

  /** Shows the end again after the entry or the box has changed, unless the reader had scrolled up. */
  follow(): void {
    if (this.#atEnd) this.#box.scrollTop = this.#box.scrollHeight;
  }

  /** Notes whether the reader is at the end. */
  #look(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < 40;
  }
}

/** Empties a field when Escape is pressed in it. */
export function emptyOnEscape(field: HTMLInputElement): void {
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing || field.value === '') return;
    field.value = '';
    field.dispatchEvent(new Event('input'));
  });
}
