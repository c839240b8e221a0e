import { testRows } from './harness/run-rows.ts';
import { exhaustionRows } from './rows/exhaustion.ts';

testRows(exhaustionRows);
