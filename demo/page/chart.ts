import { formatTime } from './format.ts';

const namespace = 'http://www.w3.org/2000/svg';
const height = 132;
const margin = { top: 10, right: 10, bottom: 12, left: 52 };

/** The fewest round trips that the width is divided for. */
const fewest = 20;

/** Draws round trips in milliseconds, oldest first, as a line that grows from the right. */
export function drawChart(svg: SVGSVGElement, times: readonly number[]): void {
  const slots = Math.max(fewest, times.length);
  const width = Math.max(240, svg.clientWidth);
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('aria-label', describe(times));
  const top = roundUp(Math.max(1, ...times));
  const inner = {
    width: width - margin.left - margin.right,
    height: height - margin.top - margin.bottom,
  };
  const y = (time: number): number => margin.top + inner.height * (1 - time / top);
  const x = (index: number): number =>
    margin.left + (inner.width * (index + slots - times.length)) / (slots - 1);
  const points = times.map((time, index) => [x(index), y(time)] as const);
  const parts = [0, top / 2, top].flatMap((time) => gridLine(time, y(time), width));
  svg.replaceChildren(...parts, ...line(points, y(0)));
}

function gridLine(time: number, y: number, width: number): SVGElement[] {
  const label = shape('text', { class: 'axis', x: margin.left - 8, y: y + 4 });
  label.textContent = `${Number(time.toPrecision(3))} ms`;
  return [
    label,
    shape('path', { class: 'grid', d: `M${margin.left} ${y}H${width - margin.right}` }),
  ];
}

function line(points: readonly (readonly [number, number])[], floor: number): SVGElement[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [];
  const path = points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L');
  const area = `M${first[0]} ${floor}L${path}L${last[0]} ${floor}Z`;
  return [
    shape('path', { class: 'area', d: area }),
    shape('path', { class: 'line', d: `M${path}` }),
    shape('circle', { class: 'point', cx: last[0], cy: last[1], r: 4 }),
  ];
}

function shape(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

function roundUp(value: number): number {
  const step = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 4, 6, 8, 10].find((candidate) => candidate * step >= value) ?? 10;
  return factor * step;
}

/** The round trips in one sentence; the chart's text for those who do not see it. */
export function describe(times: readonly number[]): string {
  const last = times.at(-1);
  if (last === undefined) return 'The server pings, your browser answers.';
  if (times.length === 1) return `Last ${formatTime(last)}`;
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? last;
  const [least = last] = sorted;
  const text = `Last ${formatTime(last)}, median ${formatTime(median)}, least ${formatTime(least)}`;
  return `${text} of ${times.length}`;
}
