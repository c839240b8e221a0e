import { testRows } from './harness/run-rows.ts';
import { frameRows } from './rows/frames.ts';

testRows(frameRows);
