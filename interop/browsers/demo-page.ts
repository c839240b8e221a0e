import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { patience } from '../matrix/mailbox.ts';
import { bytesOf } from '../matrix/payload.ts';
import type { OpenRow, Row } from '../matrix/row.ts';
import { PeerProcess } from '../setup/process.ts';
import { nodeProgram, workspace } from '../setup/workspace.ts';
import { until, type Browser, type Launch, type Tab } from './tab.ts';

interface PageCheck {
  readonly name: string;
  readonly tabs: number;
  readonly run: (...tabs: Tab[]) => Promise<void>;
}

/** An expression for the text an element shows. */
function textOf(selector: string): string {
  return `(document.querySelector(${JSON.stringify(selector)})?.textContent ?? '')`;
}

function shows(tab: Tab, selector: string, text: string): Promise<void> {
  const found = `${textOf(selector)}.includes(${JSON.stringify(text)})`;
  return until(tab, found, `'${text}' in ${selector}`);
}

async function say(from: Tab, to: Tab, text: string): Promise<void> {
  await from.fill('#chat-message', text);
  await from.click('#chat-send');
  await shows(to, '#chat-log', text);
  await shows(from, '#chat-log', text);
}

async function chat(one: Tab, two: Tab): Promise<void> {
  for (const tab of [one, two]) {
    await until(tab, `document.querySelectorAll('#chat-people li').length === 2`, 'two people');
  }
  await say(one, two, 'hello, is anybody there?');
  await say(two, one, 'schön, dass es geht: 漢字 😀');
}

async function echoText(tab: Tab): Promise<void> {
  await tab.fill('#echo-text', 'an echo, please');
  await tab.click('#echo-send');
  await shows(tab, '#echo-log .exchange.in .payload', 'an echo, please');
}

/** The file that comes back is hashed here and in the browser, from what its link downloads. */
async function echoFile(tab: Tab): Promise<void> {
  const bytes = bytesOf(3 * 1024 * 1024 + 17, 5);
  const file = join(workspace(), 'bytes.bin');
  await writeFile(file, bytes);
  await tab.run(keepBlobs);
  await tab.choose('#echo-file', file);
  await shows(tab, '#echo-log .exchange.in', 'same bytes');
  const digest = await tab.run(digestOfBlob);
  assert.equal(digest, createHash('sha256').update(bytes).digest('hex'));
}

/** The page's own policy forbids scripts to read `blob:` addresses, so what they name is kept. */
const keepBlobs = `(() => {
  const create = URL.createObjectURL;
  window.blobs = new Map();
  URL.createObjectURL = (blob) => {
    const url = create.call(URL, blob);
    window.blobs.set(url, blob);
    return url;
  };
})()`;

const digestOfBlob = `(async () => {
  const { href } = document.querySelector('#echo-log .exchange.in a.download');
  const bytes = await window.blobs.get(href).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
})()`;

async function ping(tab: Tab): Promise<void> {
  await tab.click('#echo-ping');
  await until(tab, `/\\d.*ms/.test(${textOf('#ping-summary')})`, 'round trip');
}

function closing(button: string, code: number, reason: string): (tab: Tab) => Promise<void> {
  return async (tab) => {
    await tab.fill('#close-code', String(code));
    await tab.fill('#close-reason', reason);
    await tab.click(button);
    await until(tab, `!document.querySelector('#closed').hidden`, 'end');
    await shows(tab, '#close-seen', `${code} “${reason}”`);
    await shows(tab, '#close-info [data-member=code]', String(code));
    await shows(tab, '#close-info [data-member=reason]', reason);
    await shows(tab, '#close-info [data-member=wasClean]', 'true');
    await tab.click('#connect-again');
    await shows(tab, '#connection-state', 'open');
  };
}

const pageChecks: readonly PageCheck[] = [
  { name: 'two tabs chat', tabs: 2, run: chat },
  { name: 'a text comes back', tabs: 1, run: echoText },
  { name: 'a file comes back byte for byte', tabs: 1, run: echoFile },
  { name: 'the server pings the tab', tabs: 1, run: ping },
  {
    name: 'closed from the page: code and reason are shown, then it connects again',
    tabs: 1,
    run: closing('#close-from-page', 3001, 'seen enough'),
  },
  {
    name: 'closed by the server: code and reason are shown, then it connects again',
    tabs: 1,
    run: closing('#close-from-server', 1012, 'back soon'),
  },
];

async function openTab(browser: Browser, url: string): Promise<Tab> {
  const tab = await browser.open();
  await tab.goto(url);
  await shows(tab, '#connection-state', 'open');
  return tab;
}

/** The tabs of a check are opened in the browsers in turn. */
async function openDemo(launches: readonly Launch[]): Promise<OpenRow> {
  const demo = new PeerProcess(nodeProgram('demo/main', ['--port', '0']));
  const words = await demo.expect('hawser', patience);
  const url = words.find((word) => word.startsWith('http://')) ?? '';
  const browsers: Browser[] = [];
  for (const launch of launches) browsers.push(await launch());
  let room = 0;
  return {
    async run(name) {
      const check = pageChecks.find((candidate) => candidate.name === name);
      if (check === undefined) throw new Error(`there is no check '${name}'`);
      room++;
      const tabs: Tab[] = [];
      for (let index = 0; index < check.tabs; index++) {
        const browser = browsers[index % browsers.length];
        if (browser !== undefined) tabs.push(await openTab(browser, `${url}?room=interop-${room}`));
      }
      await check.run(...tabs);
      for (const tab of tabs) await tab.close();
    },
    log: () => demo.log,
    async close() {
      for (const browser of browsers) await browser.close();
      await demo.stop();
    },
  };
}

/** The demo, used in one or more browsers as a person would; more than one only chat. */
export function demoRow(peer: string, launches: readonly Launch[]): Row {
  const possible = pageChecks.filter(({ tabs }) => tabs >= launches.length);
  return {
    peer,
    role: 'server',
    deflate: 'page',
    checks: possible.map(({ name }) => ({ group: 'page', name })),
    open: () => openDemo(launches),
  };
}
