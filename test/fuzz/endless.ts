import { Watchdog } from '../../fuzz/engine/watchdog.ts';

const [, , folder = ''] = process.argv;
const watchdog = new Watchdog({ folder, seed: 7, limit: 300 });
watchdog.watch('endless');
watchdog.progress.next(Uint8Array.of(1, 2, 3));
for (;;);
