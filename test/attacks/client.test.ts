import { testRows } from './harness/run-rows.ts';
import { clientRows } from './rows/client.ts';

testRows(clientRows);
