import { testRows } from './harness/run-rows.ts';
import { tlsRows } from './rows/tls.ts';

testRows(tlsRows);
