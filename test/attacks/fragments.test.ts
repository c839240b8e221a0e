import { testRows } from './harness/run-rows.ts';
import { fragmentRows } from './rows/fragments.ts';

testRows(fragmentRows);
