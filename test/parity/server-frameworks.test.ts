import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test, type TestContext } from 'node:test';

import express from 'express';
import fastify from 'fastify';
import { WebSocket, WebSocketServer } from 'ws';

import { attach } from '../../src/server/attach.ts';
import { endpoint } from '../../src/server/options/endpoint.ts';
import { RawClient } from '../server/raw-client.ts';
import { echoOf, statusOf } from '../server/ws-client.ts';

/** A program of a framework that serves `page` on `/page`, and how it is stopped. */
interface Program {
  readonly server: HttpServer;
  listen(): Promise<unknown>;
  close(): Promise<unknown>;
}

function expressProgram(): Program {
  const app = express();
  app.get('/page', (_request, response) => {
    response.send('page');
  });
  const server = createServer(app);
  return {
    server,
    listen: () => once(server.listen(0, '127.0.0.1'), 'listening'),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

function fastifyProgram(): Program {
  const app = fastify();
  app.get('/page', () => 'page');
  return {
    server: app.server,
    listen: () => app.listen({ port: 0, host: '127.0.0.1' }),
    close: () => app.close(),
  };
}

const room = endpoint({
  authorize: ({ query }) => ({ user: query.get('user') ?? 'nobody' }),
  message(connection, message) {
    const { context, params } = connection;
    connection.send(`${context.user} in ${params['room']}: ${String(message)}`);
  },
});

for (const [name, make] of [
  ['express 5', expressProgram],
  ['fastify 5', fastifyProgram],
] as const) {
  const start = async (t: TestContext) => {
    const program = make();
    const attached = attach(program.server, { '/chat/:room': room });
    await program.listen();
    t.after(async () => {
      await attached.close();
      program.server.closeAllConnections();
      await program.close();
    });
    const { port } = program.server.address() as AddressInfo;
    return {
      program,
      attached,
      port,
      ws: `ws://127.0.0.1:${port}`,
      http: `http://127.0.0.1:${port}`,
    };
  };

  describe(`F094: under ${name}`, () => {
    test('paths with params are served, beside the routes of the framework', async (t) => {
      const { ws, http } = await start(t);
      const url = `${ws}/chat/caf%C3%A9?user=ann`;
      assert.equal(await echoOf(new WebSocket(url)), 'ann in café: hello');
      assert.equal(await (await fetch(`${http}/page`)).text(), 'page');
      assert.equal((await fetch(`${http}/chat/1`)).status, 404);
    });

    test('an upgrade on a route of the framework is 404, to another protocol it is ignored', async (t) => {
      const { port, ws } = await start(t);
      assert.equal(await statusOf(`${ws}/page`), 404);
      const client = await RawClient.connect({ port });
      assert.equal((await client.request('/page', { Upgrade: 'h2c' })).status, 200);
      assert.equal(String(await client.rest()), 'page');
      client.destroy();
    });

    test('another WebSocket server on the same HTTP server keeps its path', async (t) => {
      const { program, ws } = await start(t);
      const theirs = new WebSocketServer({ noServer: true });
      theirs.on('connection', (socket) => socket.on('message', () => socket.send('theirs')));
      program.server.on('upgrade', (request, socket, head) => {
        if (request.url !== '/theirs') return;
        theirs.handleUpgrade(request, socket, head, (opened) => theirs.emit('connection', opened));
      });
      assert.equal(await echoOf(new WebSocket(`${ws}/theirs`)), 'theirs');
      assert.equal(await echoOf(new WebSocket(`${ws}/chat/1`)), 'nobody in 1: hello');
    });

    test('close says 1001 to the clients, then the framework stops by itself', async (t) => {
      const { attached, program, ws, http } = await start(t);
      const client = new WebSocket(`${ws}/chat/1`);
      await once(client, 'open');
      const closed = once(client, 'close');
      await attached.close();
      assert.equal((await closed)[0], 1001);
      assert.equal(await (await fetch(`${http}/page`)).text(), 'page');
      assert.equal(await statusOf(`${ws}/chat/1`), 404);
      await program.close();
      assert.equal(program.server.listening, false);
    });
  });
}
