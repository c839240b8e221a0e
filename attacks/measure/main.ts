import { measureCompressedIdle } from './compressed-idle.ts';

const [kind, connections = '5000'] = process.argv.slice(2);
const measured = await measureCompressedIdle(kind === 'takeover', Number(connections));
process.stdout.write(`${measured.bytesPerConnection}\n`);
