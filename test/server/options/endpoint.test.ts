import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Connection } from '../../../src/connection/connection.ts';
import type { Message } from '../../../src/connection/handler.ts';
import {
  endpoint,
  type Endpoints,
  resolveEndpoint,
  resolveEndpoints,
} from '../../../src/server/options/endpoint.ts';
import { endpointDefaults } from '../../../src/server/options/options.ts';
import { accept } from '../../../src/server/request/authorize.ts';

test('options stand beside the handlers, and the object itself is the handler', () => {
  const given = { open() {}, message() {}, maxMessageSize: 10, authorize: () => true };
  const { handler, options } = resolveEndpoint(given);
  assert.equal(handler, given);
  assert.equal(options.maxMessageSize, 10);
  assert.equal(options.authorize, given.authorize);
  assert.equal(options.maxFragments, endpointDefaults.maxFragments);
});

test('options stand beside a handler object, in which nothing is checked', () => {
  class Chat {
    rooms = new Map();
    maxMessageSize = 'whatever';
    message() {}
  }
  const chat = new Chat();
  const { handler, options } = resolveEndpoint({ handler: chat, maxMessageSize: 10 });
  assert.equal(handler, chat);
  assert.equal(options.maxMessageSize, 10);
});

test('an instance of a class is a handler with the options it has', () => {
  class Chat {
    rooms = new Map();
    maxMessageSize = 20;
    authorize() {
      return this.rooms;
    }
  }
  const chat = new Chat();
  const { handler, options } = resolveEndpoint(chat);
  assert.equal(handler, chat);
  assert.equal(options.maxMessageSize, 20);
  assert.equal(options.authorize, Chat.prototype.authorize);
});

test('a handler object that brings authorize keeps its guard, unless another one is given', () => {
  const guard = () => false;
  const other = () => true;
  const handler = { authorize: guard };
  assert.equal(resolveEndpoint({ handler }).options.authorize, guard);
  assert.equal(resolveEndpoint({ handler, authorize: other }).options.authorize, other);
  const guarded = { ...endpointDefaults, authorize: guard };
  assert.equal(resolveEndpoint({}, guarded).options.authorize, guard);
});

test('RX-07: what is wrong with an endpoint is an error that names it', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /^endpoints\["\/a"\] must be an object with handlers and options/],
    [() => {}, /^endpoints\["\/a"\] must be an object/],
    [[], /^endpoints\["\/a"\] must be an object/],
    [{ message: 'x' }, /^endpoints\["\/a"\]\.message must be a function/],
    [{ onMessage() {} }, /^unknown option endpoints\["\/a"\]\.onMessage; allowed are .*message/],
    [{ handler: 1 }, /^endpoints\["\/a"\]\.handler must be an object/],
    [{ handler: {}, open() {} }, /^endpoints\["\/a"\]\.open must not stand beside/],
    [{ handler: {}, nope: 1 }, /^unknown option endpoints\["\/a"\]\.nope/],
    [{ heartbeat: { intervall: 1 } }, /^unknown option endpoints\["\/a"\]\.heartbeat\.intervall/],
  ];
  const both = { message() {}, fragment() {} };
  for (const given of [both, { handler: both }]) {
    assert.throws(() => resolveEndpoints({ '/a': given }, endpointDefaults), {
      name: 'TypeError',
      message: /^endpoints\["\/a"\]\.fragment must stand instead of endpoints\["\/a"\]\.message/,
    });
  }
  for (const [given, message] of wrong) {
    const resolve = () => resolveEndpoints({ '/a': given }, endpointDefaults);
    assert.throws(resolve, { name: 'TypeError', message });
  }
  assert.throws(() => resolveEndpoints(undefined, endpointDefaults), {
    name: 'TypeError',
    message: /^endpoints must be an object from paths to endpoints/,
  });
});

test('the endpoints of a server have its defaults and count refused origins together', () => {
  const defaults = { ...endpointDefaults, maxFragments: 3 };
  const endpoints = resolveEndpoints({ '/a': {}, '/b': { maxFragments: 4 } }, defaults);
  const [a, b] = [endpoints.get('/a'), endpoints.get('/b')];
  assert.equal(a?.options.maxFragments, 3);
  assert.equal(b?.options.maxFragments, 4);
  assert.equal(a?.refusedOrigins, b?.refusedOrigins);
});

test('endpoint() gives back what it was given, and types follow from where it stands', () => {
  const given = { message() {} };
  assert.equal(endpoint(given), given);
  const serve = <Path extends string>(endpoints: Endpoints<Path>) => endpoints;
  class Chat {
    message(connection: Connection<{ user: string }, { room: string }>, message: Message) {
      return connection.context.user + connection.params.room + String(message);
    }
  }
  // The compiler proves these: each line uses a type that only inference can have found.
  const typed = serve({
    '/chat/:room': endpoint({
      authorize: async ({ params, cookies }) => {
        if (cookies['session'] === undefined) return null;
        return { user: params.room.toUpperCase() };
      },
      open({ context, params }) {
        return context.user.trim() + params.room.trim();
      },
    }),
    '/files/:owner/*': { open: ({ params }) => params.owner.trim() + params['*'].trim() },
    '/accept': endpoint({
      authorize: () => accept({ id: 1 }, { subprotocol: 'x' }),
      open: ({ context }) => context.id.toFixed(),
    }),
    '/response': endpoint({
      authorize: ({ query }) => (query.has('x') ? new Response('no') : 5),
      open: ({ context }) => context.toFixed(),
    }),
    '/class/:room': { handler: new Chat(), authorize: () => ({ user: 'a' }) },
    '/instance/:room': new Chat(),
  });
  assert.equal(Object.keys(typed).length, 6);
  // @ts-expect-error An option that does not exist is an error of the compiler's, too.
  serve({ '/wrong': { maxMessageSizes: 1 } });
});
