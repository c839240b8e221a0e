import type { Row } from '../test/attacks/harness/row.ts';
import { admissionRows } from '../test/attacks/rows/admission.ts';
import { clientRows } from '../test/attacks/rows/client.ts';
import { closingRows } from '../test/attacks/rows/closing.ts';
import { deadlineRows } from '../test/attacks/rows/deadlines.ts';
import { deflateRows } from '../test/attacks/rows/deflate.ts';
import { exhaustionRows } from '../test/attacks/rows/exhaustion.ts';
import { floodRows } from '../test/attacks/rows/flood.ts';
import { crowdRows, flowRows } from '../test/attacks/rows/flow.ts';
import { fragmentRows } from '../test/attacks/rows/fragments.ts';
import { frameRows } from '../test/attacks/rows/frames.ts';
import { handshakeRows } from '../test/attacks/rows/handshake.ts';
import { parserRows } from '../test/attacks/rows/parser.ts';
import { ratioRows } from '../test/attacks/rows/ratio.ts';
import { slowRows } from '../test/attacks/rows/slow.ts';
import { tlsRows } from '../test/attacks/rows/tls.ts';
import { processRows } from './processes.ts';

const groups = ['HS', 'FR', 'FG', 'CP', 'CL', 'FC', 'RX', 'MS', 'TL'];

function place({ id }: Row): number {
  return groups.indexOf(id.slice(0, 2)) * 100 + Number(id.slice(3));
}

/** Every row, in the order of docs/attacks.md. */
export const allRows: readonly Row[] = [
  admissionRows,
  handshakeRows,
  processRows,
  deadlineRows,
  frameRows,
  parserRows,
  fragmentRows,
  deflateRows,
  closingRows,
  flowRows,
  crowdRows,
  floodRows,
  ratioRows,
  slowRows,
  exhaustionRows,
  clientRows,
  tlsRows,
]
  .flat()
  .toSorted((a, b) => place(a) - place(b));
