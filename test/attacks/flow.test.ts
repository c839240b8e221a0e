import { testRows } from './harness/run-rows.ts';
import { crowdRows, flowRows } from './rows/flow.ts';

testRows([...flowRows, ...crowdRows]);
