import { testRows } from './harness/run-rows.ts';
import { deadlineRows, handshakeRows } from './rows/handshake.ts';

testRows([...handshakeRows, ...deadlineRows]);
