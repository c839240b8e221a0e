import { testRows } from './harness/run-rows.ts';
import { deflateRows } from './rows/deflate.ts';
import { ratioRows } from './rows/ratio.ts';

testRows([...deflateRows, ...ratioRows]);
