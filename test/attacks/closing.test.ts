import { testRows } from './harness/run-rows.ts';
import { closingRows } from './rows/closing.ts';

testRows(closingRows);
