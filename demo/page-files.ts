import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';

/** One file of the page, ready to be sent. */
export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * Reads the files of the page from some folders, by the path they are served at. A request can
 * only name what was found here, so no path leads out of the folders.
 */
export async function readPageFiles(folders: readonly URL[]): Promise<Map<string, PageFile>> {
  const files = new Map<string, PageFile>();
  for (const folder of folders) {
    for (const name of await readdir(folder)) {
      const type = types[extname(name)];
      if (type === undefined) continue;
      const body = await readFile(new URL(name, folder));
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      files.set(name === 'index.html' ? '/' : `/${name}`, { type, body, etag });
    }
  }
  return files;
}
