import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from '../../scripts/root.ts';
import type { Settings } from './settings.ts';

/** bench/peers/control.mjs, which all measured servers share. */
interface Control {
  readonly settings: Settings;
  readonly maxMessageSize: number;
  readonly obey: (
    ready: { readonly port: number; readonly version: string },
    orders?: Readonly<Record<string, () => unknown>>,
  ) => void;
}

/** bench/peers/receiving.mjs, which all measured clients share. */
interface ReceivingModule {
  readonly Receiving: new (
    version: string,
    open: (url: string) => Promise<() => void>,
  ) => { readonly echoes: boolean; count(): void };
}

const load = (name: string): Promise<unknown> =>
  import(pathToFileURL(join(root, 'bench', 'peers', name)).href);

export const { settings, maxMessageSize, obey } = (await load('control.mjs')) as Control;

export const { Receiving } = (await load('receiving.mjs')) as ReceivingModule;
