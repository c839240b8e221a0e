import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';

import { startDemo } from './program.ts';

test('demo: the page and all it refers to is there, with its type', async (context) => {
  const { url } = await startDemo(context);
  const types: Record<string, string> = {
    css: 'text/css; charset=utf-8',
    js: 'text/javascript; charset=utf-8',
    svg: 'image/svg+xml',
  };
  const page = await fetch(url);
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  const html = await page.text();
  const paths = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? '');
  assert.ok(paths.length >= 7);
  const seen = new Set(paths);
  for (const path of seen) {
    const response = await fetch(url + path);
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get('content-type'), types[path.split('.').at(-1) ?? ''], path);
    const imports = (await response.text()).matchAll(/from '\.(\/[^']+)'/g);
    for (const [, imported] of imports) seen.add(imported ?? '');
  }
  assert.ok(seen.has('/link.js') && seen.has('/sha256.js'));
});

test('demo: no script and no style but those of this server may run', async (context) => {
  const { url } = await startDemo(context);
  const page = await fetch(url);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe|\*|data:|blob:/);
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
  const html = await page.text();
  assert.doesNotMatch(html, /<style|\sstyle=|\son[a-z]+=|https?:/);
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc="\/)/);
});

test('demo: no path leads out of the folders of the page', async (context) => {
  const { url } = await startDemo(context);
  const paths = [
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/package.json',
    '//package.json',
    '/..\\..\\package.json',
    '/main.ts',
    '/tsconfig.json',
    '/tsconfig.tsbuildinfo',
    '/index.html/',
    '/__proto__',
    'http://elsewhere/../package.json',
    '*',
  ];
  for (const path of paths) assert.match(await rawGet(url, path), /^HTTP\/1\.1 4\d\d /, path);
});

test('demo: a page that the browser has already is not sent again', async (context) => {
  const { url } = await startDemo(context);
  const etag = (await fetch(`${url}/style.css`)).headers.get('etag') ?? '';
  const again = await fetch(`${url}/style.css`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
  const head = await fetch(url, { method: 'HEAD' });
  assert.ok(Number(head.headers.get('content-length')) > 1_000);
  assert.equal((await fetch(url, { method: 'POST' })).status, 405);
});

test('FIPS 180-4 §6.2: the page computes the SHA-256 that Node computes', async (context) => {
  const { url } = await startDemo(context);
  const source = await (await fetch(`${url}/sha256.js`)).text();
  const { sha256 } = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
    sha256: (bytes: Uint8Array) => string;
  };
  const lengths = [...Array(130).keys(), 1_000, 65_537];
  for (const length of lengths) {
    const bytes = new Uint8Array(length + 3).map((_, index) => (index * 31 + length) % 256);
    const part = bytes.subarray(3);
    assert.equal(sha256(part), createHash('sha256').update(part).digest('hex'), String(length));
  }
});

/** The first bytes of the answer to a path that no URL parser has cleaned. */
async function rawGet(url: string, path: string): Promise<string> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setEncoding('latin1');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const [answer] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return answer;
}
