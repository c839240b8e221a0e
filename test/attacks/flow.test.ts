import { testRows } from './harness/run-rows.ts';
import { floodRows } from './rows/flood.ts';
import { crowdRows, flowRows } from './rows/flow.ts';
import { slowRows } from './rows/slow.ts';

testRows([...flowRows, ...slowRows, ...floodRows, ...crowdRows]);
