import { testRows } from './harness/run-rows.ts';
import { deadlineRows } from './rows/deadlines.ts';
import { handshakeRows } from './rows/handshake.ts';

testRows([...handshakeRows, ...deadlineRows]);
