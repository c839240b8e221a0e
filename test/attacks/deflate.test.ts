import { testRows } from './harness/run-rows.ts';
import { deflateRows } from './rows/deflate.ts';

testRows(deflateRows);
