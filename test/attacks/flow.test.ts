import { testRows } from './harness/run-rows.ts';
import { floodRows } from './rows/flood.ts';
import { crowdRows, flowRows } from './rows/flow.ts';

testRows([...flowRows, ...floodRows, ...crowdRows]);
