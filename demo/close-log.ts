import type { CloseInfo } from 'hawser';
import { closeCodeName } from 'hawser/protocol';

/** What is kept of a connection that ended: its CloseInfo as it goes into JSON. */
export interface CloseRecord extends Omit<CloseInfo, 'error'> {
  /** The registered name of `code`, null for the others. */
  readonly codeName: string | null;
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string };
}

/** Remembers how the latest connections ended, by the key their visitor chose. */
export class CloseLog {
  readonly #limit: number;
  readonly #records = new Map<string, CloseRecord>();

  /** Keeps at most `limit` records; the oldest goes first. */
  constructor(limit = 500) {
    this.#limit = limit;
  }

  add(key: string, info: CloseInfo): void {
    this.#records.delete(key);
    this.#records.set(key, toRecord(info));
    if (this.#records.size <= this.#limit) return;
    for (const oldest of this.#records.keys()) {
      this.#records.delete(oldest);
      return;
    }
  }

  find(key: string): CloseRecord | undefined {
    return this.#records.get(key);
  }
}

/** The CloseInfo with its error in plain words, for JSON. */
export function toRecord({ error, ...facts }: CloseInfo): CloseRecord {
  const record = { ...facts, codeName: closeCodeName(facts.code) ?? null };
  return error === undefined ? record : { ...record, error: describe(error) };
}

function describe(error: unknown): NonNullable<CloseRecord['error']> {
  if (!(error instanceof Error)) return { name: 'unknown', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return { name: error.name, message: error.message, ...code };
}
