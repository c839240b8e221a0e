import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import type { GrowthSeries } from '../growth/growth.ts';
import { rounded } from '../measure/statistics.ts';
import { peersFolder } from '../setup/install.ts';
import type { Matrix, WorkloadFigures } from './results.ts';

interface Bar {
  readonly group: string;
  readonly peer: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly text: string;
}

interface LinePoint {
  readonly x: number;
  readonly peer: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
}

/** A chart to draw, in the words of bench/peers/draw.mjs. */
export type Chart =
  | {
      readonly kind: 'bars';
      readonly title: string;
      readonly label: string;
      readonly scale: 'log' | 'linear';
      readonly data: readonly Bar[];
    }
  | {
      readonly kind: 'lines';
      readonly title: string;
      readonly x: string;
      readonly y: string;
      readonly data: readonly LinePoint[];
    };

function barsOf({ id, peers }: WorkloadFigures): Bar[] {
  return peers.flatMap(({ peer, ratio }) => {
    if (ratio === undefined) return [];
    const { median: value, min, max } = ratio;
    return [{ group: id, peer, value, min, max, text: rounded(value) }];
  });
}

/** The chart of what all workloads of a kind cost, beside the reference. */
export function ratioChart(
  { workloads }: Pick<Matrix, 'workloads'>,
  measures: WorkloadFigures['measures'],
): Chart | undefined {
  const data = workloads.filter((figures) => figures.measures === measures).flatMap(barsOf);
  if (data.length === 0) return undefined;
  return measures === 'cpu'
    ? {
        kind: 'bars',
        title: 'Messages for the same CPU time, ws = 1',
        label: 'times ws; more is better →',
        scale: 'log',
        data,
      }
    : {
        kind: 'bars',
        title: 'Memory of a connection, ws = 1',
        label: 'times ws; less is better →',
        scale: 'linear',
        data,
      };
}

/** The chart of how one quantity grows. */
export function growthChart({ title, x, y, points }: GrowthSeries): Chart {
  const data = points.flatMap((point) =>
    Object.entries(point.costs).map(([peer, { median: value, min, max }]) => ({
      x: point.x,
      peer,
      value,
      min,
      max,
    })),
  );
  return { kind: 'lines', title, x, y, data };
}

/** Draws charts as SVG; needs the peers' packages. */
export function draw(charts: readonly Chart[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(peersFolder, 'draw.mjs')], {
    input: JSON.stringify(charts),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`drawing failed: ${stderr}`);
  return JSON.parse(stdout) as string[];
}
