import { loadDriver, type Browser, type Tab } from './tab.ts';

interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  setInputFiles(selector: string, file: string): Promise<void>;
  close(): Promise<void>;
}

interface Playwright {
  readonly chromium: {
    launch(options: object): Promise<{
      newContext(): Promise<{ newPage(): Promise<Page> }>;
      close(): Promise<void>;
    }>;
  };
}

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Debian's Chromium, driven by Playwright. */
export async function launchChromium(): Promise<Browser> {
  const { chromium } = loadDriver('playwright-core') as Playwright;
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  const context = await browser.newContext();
  return {
    open: async () => tabOf(await context.newPage()),
    close: () => browser.close(),
  };
}

function tabOf(page: Page): Tab {
  return {
    async goto(url) {
      await page.goto(url);
    },
    run: (expression) => page.evaluate(expression),
    click: (selector) => page.click(selector),
    fill: (selector, text) => page.fill(selector, text),
    choose: (selector, file) => page.setInputFiles(selector, file),
    close: () => page.close(),
  };
}
