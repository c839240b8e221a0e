import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import {
  accept,
  attach,
  type Connection,
  endpoint,
  type Endpoint,
  handleUpgrade,
  type Message,
  type PathParams,
  type ServeOptions,
  type UpgradeRequest,
} from '../../../src/index.ts';

/** True when each type can be assigned to the other, else a type to which true cannot. */
type Same<A, B> = [A, B] extends [B, A] ? true : [A, 'is not', B];

/** Takes endpoints as `serve` does. */
function serve<Path extends string>(
  endpoints: ServeOptions<Path>['endpoints'],
): ServeOptions<Path>['endpoints'] {
  return endpoints;
}

const room = endpoint({
  authorize: ({ params, cookies }: UpgradeRequest<{ room: string }>) => {
    if (cookies['session'] === undefined) return null;
    return { user: params.room.toUpperCase() };
  },
  open({ context, params }) {
    const types: [Same<typeof context, { user: string }>, Same<typeof params, { room: string }>] = [
      true,
      true,
    ];
    return types;
  },
  // @ts-expect-error The context has no such member.
  ping: ({ context }) => context.name,
  // @ts-expect-error Nor has the path such a segment.
  close: ({ params }) => params.seat,
});

const anywhere = endpoint({
  authorize: ({ query }) => ({ user: query.get('user') ?? '' }),
  message({ context, params }) {
    const types: [Same<typeof context, { user: string }>, string | undefined] = [
      true,
      params['room'],
    ];
    return types;
  },
});

test('an endpoint that stands alone goes on every path that gives what it expects', () => {
  serve({ '/x/:room': room, '/y/:room/*': room, '/x/:room/:seat': room });
  serve({ '/x': anywhere, '/x/:room': anywhere, '*': anywhere });
  // @ts-expect-error The path has no room.
  serve({ '/x': room });
  // @ts-expect-error The path has something else.
  serve({ '/x/:hall': room });
  // @ts-expect-error One good path does not make up for another.
  serve({ '/x/:room': room, '/y': room });

  const server = createServer();
  attach(server, { '/x/:room': room }).detach();
  attach(server, { '/x/:room': anywhere }).detach();
  // @ts-expect-error The path has no room.
  attach(server, { '/x': room }).detach();
});

test('a path may say what an endpoint expects', () => {
  const seat = endpoint({
    authorize: ({ params }: UpgradeRequest<PathParams<'/x/:room/:seat'>>) =>
      accept({ seat: Number(params.seat) }),
    open: ({ context, params }) => context.seat.toFixed() + params.room.trim(),
  });
  serve({ '/x/:room/:seat': seat, '/:seat/of/:room': seat });
  // @ts-expect-error The path has no seat.
  serve({ '/x/:room': seat });
});

test('endpoints of annotated types', () => {
  const typed: Endpoint<{ user: string }, { room: string }> = {
    authorize: () => ({ user: 'a' }),
    open: ({ context, params }) => context.user.trim() + params.room.trim(),
  };
  const plain: Endpoint = { open: ({ params }) => params['room'] };
  serve({ '/x/:room': typed, '/y/:room': plain, '/z': plain });
  // @ts-expect-error The path has no room.
  serve({ '/x': typed });
});

test('handlers that stand alone', () => {
  class Chat {
    message({ context, params }: Connection<{ user: string }, { room: string }>, message: Message) {
      return context.user + params.room + String(message);
    }
  }
  const guarded = endpoint({ handler: new Chat(), authorize: () => ({ user: 'a' }) });
  serve({ '/x/:room': guarded, '/y/:room': new Chat(), '/z/:room': { handler: new Chat() } });
  // @ts-expect-error The path has no room.
  serve({ '/x': guarded });
  // @ts-expect-error The path has something else.
  serve({ '/x/:hall': new Chat() });
  // @ts-expect-error What authorize gives is not what the handler takes.
  endpoint({ handler: new Chat(), authorize: () => ({ name: 'a' }) });
});

test('where it stands in place, the path says what the params are', () => {
  serve({
    '/x/:room': endpoint({
      authorize: ({ params }) => ({ user: params.room.trim() }),
      open: ({ context, params }) => context.user.trim() + params.room.trim(),
      // @ts-expect-error The path has no such segment.
      close: ({ params }) => params.seat,
    }),
    '/y/:room': {
      open({ context, params }) {
        const types: [Same<typeof context, unknown>, string] = [true, params.room];
        return types;
      },
      // @ts-expect-error The path has no such segment.
      close: ({ params }) => params.seat,
    },
  });
  // @ts-expect-error No such handler.
  serve({ '/x': { mesage() {} } });
  // @ts-expect-error A handler is a function.
  serve({ '/x': { message: 5 } });
  // @ts-expect-error An endpoint is an object.
  serve({ '/x': 5 });
});

test('handleUpgrade gives connections with the context of the endpoint, and there is no path', () => {
  type Opened = Awaited<ReturnType<typeof open>>;
  const open = (...[request, socket, head]: Parameters<typeof handleUpgrade>) =>
    handleUpgrade(request, socket, head, anywhere);
  const wrong = (...[request, socket, head]: Parameters<typeof handleUpgrade>) =>
    // @ts-expect-error Nothing gives it a room.
    handleUpgrade(request, socket, head, room);
  assert.notEqual(open, wrong);
  const same: Same<Opened, Connection<{ user: string }> | undefined> = true;
  assert.ok(same);
});
