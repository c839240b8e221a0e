import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import type { Stage } from '../matrix/row.ts';
import { againstClient, type AgentClient } from '../matrix/stages.ts';
import { subprotocol, type Deflate, type Ending, type Subject } from '../subject/subject.ts';
import { browsersFolder, type Launch, type Tab } from './tab.ts';

/** The subject as server against a page that echoes, in a browser that stays for the whole row. */
export async function againstBrowser(
  subject: Subject,
  deflate: Deflate,
  launch: Launch,
): Promise<Stage> {
  const page = await servePage();
  const browser = await launch();
  const options = { deflate, subprotocols: [subprotocol] };
  const stage = await againstClient(subject, options, async (url) => {
    const tab = await browser.open();
    await tab.goto(page.url);
    await tab.run(`connect(${JSON.stringify(url)})`);
    return clientOf(tab);
  });
  return {
    ...stage,
    async close() {
      await browser.close();
      await stage.close();
      page.close();
    },
  };
}

function clientOf(tab: Tab): AgentClient {
  return {
    ending: async () => (await tab.run('ending')) as Ending,
    gone: new Promise(() => undefined),
    log: () => '',
    stop: () => tab.close(),
  };
}

async function servePage(): Promise<{ url: string; close(): void }> {
  const html = await readFile(join(browsersFolder, 'agent.html'));
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8').end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
