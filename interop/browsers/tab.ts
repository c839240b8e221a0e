import { createRequire } from 'node:module';
import { join } from 'node:path';

import { patience } from '../matrix/mailbox.ts';
import { root } from '../setup/workspace.ts';

/** One tab of a real browser. */
export interface Tab {
  goto(url: string): Promise<void>;
  /** Evaluates an expression in the page, waits for a promise, and gives the result. */
  run(expression: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  /** Replaces what a field holds. */
  fill(selector: string, text: string): Promise<void>;
  /** Chooses a file in an input of type file. */
  choose(selector: string, file: string): Promise<void>;
  close(): Promise<void>;
}

/** A running browser with a profile of its own. */
export interface Browser {
  open(): Promise<Tab>;
  close(): Promise<void>;
}

/** The folder whose npm packages drive the browsers. */
export const browsersFolder = join(root, 'interop', 'browsers');

/** Starts a browser. */
export type Launch = () => Promise<Browser>;

/** Loads a driver out of its own folder; the caller knows its interface. */
export function loadDriver(name: string): unknown {
  return createRequire(join(browsersFolder, 'package.json'))(name);
}

/** Waits until an expression is true in the page; fails naming what was awaited. */
export async function until(tab: Tab, expression: string, name: string): Promise<void> {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    if ((await tab.run(`Boolean(${expression})`)) === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the page showed no ${name} within ${patience} ms`);
}
