import { testRows } from './harness/run-rows.ts';
import { admissionRows } from './rows/admission.ts';

testRows(admissionRows);
