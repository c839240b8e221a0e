/** What a program and the test that started it tell each other. */
export interface Told {
  readonly name: string;
  readonly [detail: string]: unknown;
}

/** Tells the test something; resolves when it is on its way. */
export function tell(name: string, details: object = {}): Promise<void> {
  const told = { ...details, name };
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(told, () => resolve());
  });
}

/** Does what the test asks for, by its name. */
export function onAsked(acts: Readonly<Record<string, (told: Told) => unknown>>): void {
  process.on('message', (told: Told) => void acts[told.name]?.(told));
}
