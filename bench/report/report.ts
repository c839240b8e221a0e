import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../../scripts/root.ts';
import type { Growth } from '../growth/growth.ts';
import type { MicroResults } from '../micro/micro.ts';
import type { WorkersResults } from '../workers/workers.ts';
import { type Chart, draw, growthChart, ratioChart } from './chart.ts';
import { withSections } from './document.ts';
import { growthSection, matrixSection, microSection, workersSection } from './markdown.ts';
import type { Matrix } from './results.ts';

/** What a file of bench/results holds. */
export type Results = Matrix | MicroResults | Growth | WorkersResults;

const folder = join(root, 'bench', 'results');
const pageFile = join(root, 'docs', 'performance.md');
const chartFolder = join(root, 'docs', 'performance');

/** Reads the committed figures, by the names of their files. */
export function readResults(): ReadonlyMap<string, Results> {
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const names = files.filter((name) => name.endsWith('.json')).toSorted();
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Results]),
  );
}

/** A section, and the charts that it shows by their files. */
interface Section {
  readonly text: string;
  readonly charts: ReadonlyMap<string, Chart>;
}

function matrixReport(name: string, matrix: Matrix): Section {
  const charts = new Map<string, Chart>();
  for (const measures of ['cpu', 'memory'] as const) {
    const chart = ratioChart(matrix, measures);
    if (chart !== undefined) charts.set(`${name}-${measures}.svg`, chart);
  }
  return { text: matrixSection(matrix, [...charts.keys()]), charts };
}

function growthReport(name: string, growth: Growth): Section {
  const fileOf = (id: string): string => `${name}-${id}.svg`;
  const charts = growth.series.map((series) => [fileOf(series.id), growthChart(series)] as const);
  return { text: growthSection(growth, fileOf), charts: new Map(charts) };
}

function sectionOf(file: string, results: Results): Section {
  const name = file.replace(/\.json$/, '');
  switch (results.kind) {
    case 'matrix':
      return matrixReport(name, results);
    case 'growth':
      return growthReport(name, results);
    case 'micro':
      return { text: microSection(results), charts: new Map() };
    case 'workers':
      return { text: workersSection(results), charts: new Map() };
  }
}

/** Writes the page and its charts from the committed figures; false when there are none. */
export function writeReport(): boolean {
  const sections = [...readResults()].map(([file, results]) => {
    return [file, sectionOf(file, results)] as const;
  });
  if (sections.length === 0) {
    console.error(
      'bench/results holds no figures: npm run bench -- --json bench/results/NAME.json',
    );
    return false;
  }
  const charts = sections.flatMap(([, section]) => [...section.charts]);
  mkdirSync(chartFolder, { recursive: true });
  const drawn = draw(charts.map(([, chart]) => chart));
  for (const [index, [file]] of charts.entries()) {
    writeFileSync(join(chartFolder, file), `${drawn[index] ?? ''}\n`);
  }
  const page = existsSync(pageFile) ? readFileSync(pageFile, 'utf8') : '';
  const texts = sections.map(([file, { text }]) => [file, text] as const);
  writeFileSync(pageFile, withSections(page, new Map(texts)));
  console.log(`docs/performance.md: ${sections.map(([file]) => file).join(', ')}`);
  return true;
}
