/** The headers of a message: names are compared without case, order and repetitions are kept. */
export class HeaderList implements Iterable<readonly [name: string, value: string]> {
  readonly #headers: readonly (readonly [name: string, value: string])[];

  constructor(headers: Iterable<readonly [name: string, value: string]> = []) {
    this.#headers = [...headers];
  }

  /** The value, or the values of a repeated header joined by commas, cookies by semicolons. */
  get(name: string): string | undefined {
    const values = this.all(name);
    if (values.length === 0) return undefined;
    return values.join(name.toLowerCase() === 'cookie' ? '; ' : ', ');
  }

  /** The values of every line with this name. */
  all(name: string): string[] {
    const wanted = name.toLowerCase();
    return this.#headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.all(name).length > 0;
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    for (const [name, value] of this.#headers) yield [name, value];
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }
}
