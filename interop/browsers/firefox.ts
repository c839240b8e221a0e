import { loadDriver, type Browser, type Tab } from './tab.ts';

interface Field {
  uploadFile(file: string): Promise<void>;
}

interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(expression: string): Promise<unknown>;
  bringToFront(): Promise<void>;
  click(selector: string): Promise<void>;
  type(selector: string, text: string): Promise<void>;
  $(selector: string): Promise<Field | null>;
  close(): Promise<void>;
}

interface Puppeteer {
  launch(options: object): Promise<{ newPage(): Promise<Page>; close(): Promise<void> }>;
}

/** Starts Debian's Firefox, driven by Puppeteer over WebDriver BiDi. */
export async function launchFirefox(): Promise<Browser> {
  const puppeteer = loadDriver('puppeteer-core') as Puppeteer;
  const options = { browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true };
  const browser = await puppeteer.launch(options);
  return {
    open: async () => tabOf(await browser.newPage()),
    close: () => browser.close(),
  };
}

function tabOf(page: Page): Tab {
  return {
    async goto(url) {
      await page.goto(url);
    },
    run: (expression) => page.evaluate(expression),
    async click(selector) {
      await page.bringToFront();
      await page.click(selector);
    },
    async fill(selector, text) {
      await page.bringToFront();
      await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).value = ''`);
      await page.type(selector, text);
    },
    async choose(selector, file) {
      const field = await page.$(selector);
      if (field === null) throw new Error(`the page has no ${selector}`);
      await field.uploadFile(file);
    },
    close: () => page.close(),
  };
}
