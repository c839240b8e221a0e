import { EchoLoad } from './echo-load.ts';
import { FanOutLoad } from './fan-out-load.ts';
import { HandshakeLoad } from './handshake-load.ts';
import type { LoadAnswer, LoadOrder } from './orders.ts';
import type { Load, LoadPlan, ServerTarget } from './plan.ts';
import { StreamLoad } from './stream-load.ts';

let current: Load | undefined;

function create(plan: LoadPlan, target: ServerTarget): Load {
  switch (plan.kind) {
    case 'echo':
      return new EchoLoad(plan, target);
    case 'fan-out':
      return new FanOutLoad(plan, target);
    case 'handshakes':
      return new HandshakeLoad(plan, target);
    case 'stream':
      return new StreamLoad(plan);
  }
}

function load(): Load {
  if (current === undefined) throw new Error('no load is open');
  return current;
}

async function obey(order: LoadOrder): Promise<LoadAnswer> {
  switch (order.type) {
    case 'open':
      current = create(order.plan, order.target);
      return { port: await current.open() };
    case 'verify':
      await load().verify();
      return {};
    case 'run': {
      const before = process.cpuUsage();
      const figures = await load().run(order.seconds);
      const { user, system } = process.cpuUsage(before);
      return { figures: { ...figures, cpu: user + system } };
    }
    case 'close':
      await load().close();
      return {};
  }
}

process.on('message', (order: LoadOrder) => {
  void obey(order)
    .catch((error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }))
    .then((answer) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
