import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Crew, type CrewServer, sharedCrew } from '../../../src/server/workers/crew.ts';
import { closeOrder, type Report } from '../../../src/server/workers/messages.ts';

cluster.setupPrimary({ exec: fileURLToPath(new URL('crew-worker.js', import.meta.url)) });

/** A server that notes what it hears; `until` resolves when that much has been heard. */
function listener(
  number = 0,
): CrewServer & { heard: string[]; until(count: number): Promise<void> } {
  const heard: string[] = [];
  let check: () => void = () => {};
  const note = (what: string): void => {
    heard.push(what);
    check();
  };
  return {
    number,
    heard,
    onReport: (_, report: Report) => note(Object.keys(report).at(-1) ?? ''),
    onGone: (_, why) => note(why),
    until: (count) =>
      new Promise((resolve) => {
        check = () => void (heard.length >= count && resolve());
        check();
      }),
  };
}

test('each worker is heard and asked, and ends when the last server has left', async () => {
  const crew = new Crew(2);
  const server = listener();
  crew.join(server);
  await server.until(2);
  assert.deepEqual(server.heard, ['listening', 'listening']);
  crew.order(closeOrder(0, { code: 1001, deadline: 5 }));
  await server.until(4);
  assert.deepEqual(server.heard.slice(2), ['stats', 'stats']);
  await crew.leave(server);
  assert.deepEqual([crew.workers, crew.dismissed], [[], true]);
});

test('a worker that dies is replaced, with a warning', async () => {
  const crew = new Crew(1);
  const server = listener();
  crew.join(server);
  await server.until(1);
  const [id = 0] = crew.workers;
  const warned = once(process, 'warning');
  crew.kill(id);
  const [{ message }] = (await warned) as [Error];
  assert.match(message, /a worker ended \(SIGKILL\)/);
  await server.until(3);
  assert.deepEqual(server.heard, ['listening', 'SIGKILL', 'listening']);
  await crew.leave(server);
});

test('after the order to close the last server no worker is replaced', async () => {
  const crew = new Crew(1);
  const server = listener();
  crew.join(server);
  await server.until(1);
  const [id = 0] = crew.workers;
  crew.order(closeOrder(0, { code: 1001, deadline: 5 }));
  crew.kill(id);
  await crew.leave(server);
  assert.deepEqual(crew.workers, []);
});

test('what workers tell before a server joins is not lost, and what dead ones told is', async () => {
  const crew = new Crew(1);
  const [first, second] = [listener(0), listener(1)];
  crew.join(first);
  await first.until(1);
  const [id = 0] = crew.workers;
  crew.kill(id);
  await first.until(3);
  crew.order(closeOrder(0, { code: 1001, deadline: 5 }));
  // The worker has told of both servers by now.
  await first.until(4);
  crew.join(second);
  assert.deepEqual(second.heard, ['listening']);
  await Promise.all([first, second].map((server) => crew.leave(server)));
});

test('a worker that comes late closes what the others have closed', async () => {
  const crew = new Crew(1);
  const [first, second] = [listener(0), listener(1)];
  for (const server of [first, second]) crew.join(server);
  await second.until(1);
  await crew.leave(first);
  const [id = 0] = crew.workers;
  crew.kill(id);
  await second.until(4);
  assert.deepEqual(second.heard, ['listening', 'SIGKILL', 'listening', 'stats']);
  await crew.leave(second);
});

test('a program has one crew at a time, of one size', async () => {
  const crew = sharedCrew(1);
  const server = listener();
  crew.join(server);
  await server.until(1);
  assert.equal(sharedCrew(1), crew);
  assert.throws(() => sharedCrew(2), /workers must be 1/);
  await crew.leave(server);
  assert.ok(crew.dismissed);
});
