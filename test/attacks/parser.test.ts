import { testRows } from './harness/run-rows.ts';
import { parserRows } from './rows/parser.ts';

testRows(parserRows);
