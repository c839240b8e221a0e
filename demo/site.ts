import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Api } from './api.ts';
import type { PageFile } from './page-files.ts';

const headers = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** Answers plain HTTP: the page's files and, under `/api/`, the Api. Never throws. */
export class Site {
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #api: Api;

  constructor(files: ReadonlyMap<string, PageFile>, api: Api) {
    this.#files = files;
    this.#api = api;
  }

  respond(request: IncomingMessage, response: ServerResponse): void {
    const [path = '/'] = (request.url ?? '/').split('?', 1);
    if (!path.startsWith('/api/')) return this.#sendFile(request, response, path);
    this.#api.answer(request, path).then(
      ({ status, body, allow }) =>
        sendJson(response, status, body, allow === undefined ? {} : { Allow: allow }),
      () => sendJson(response, 500, { error: 'the demo failed' }),
    );
  }

  #sendFile(request: IncomingMessage, response: ServerResponse, path: string): void {
    const file = this.#files.get(path);
    if (file === undefined) return sendText(response, 404, 'There is nothing here.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return sendText(response, 405, 'Use GET for this.\n', { Allow: 'GET, HEAD' });
    }
    const caching = { 'Cache-Control': 'no-cache', ETag: file.etag };
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304, { ...headers, ...caching }).end();
      return;
    }
    const length = { 'Content-Type': file.type, 'Content-Length': file.body.length };
    response.writeHead(200, { ...headers, ...caching, ...length });
    response.end(request.method === 'HEAD' ? undefined : file.body);
  }
}

function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  more: Record<string, string> = {},
): void {
  const type = { 'Content-Type': 'text/plain; charset=utf-8' };
  response.writeHead(status, { ...headers, ...type, ...more }).end(text);
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  more: Record<string, string> = {},
): void {
  const type = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  response.writeHead(status, { ...headers, ...type, ...more }).end(JSON.stringify(body));
}
