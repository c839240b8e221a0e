// Draws charts: reads a list of descriptions as JSON, writes a list of SVG texts as JSON.
import process from 'node:process';
import { text } from 'node:stream/consumers';

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

const style = 'background: white; color: #222; font: 12px system-ui, sans-serif';
const colour = (peer) => ({ hawser: '#0b6e8a', ws: '#b0562b' })[peer] ?? '#9aa5ab';

const rowColour = ({ peer }) => colour(peer);

/** The number behind each bar. */
function numbers(data, from) {
  const x = ({ value, max }) => Math.max(from, value, max);
  return Plot.text(data, { x, y: 'peer', fy: 'group', text: 'text', textAnchor: 'start', dx: 5 });
}

/** Bars of ratios; on a logarithmic scale they begin at 1, where the reference stands. */
function bars({ label, scale, data }) {
  const groups = [...new Set(data.map(({ group }) => group))];
  const peers = [...new Set(data.map(({ peer }) => peer))];
  const from = scale === 'log' ? 1 : 0;
  return Plot.plot({
    document,
    width: 860,
    height: 50 + groups.length * (peers.length * 16 + 8),
    marginLeft: 110,
    marginRight: 130,
    marginTop: 15,
    x: { type: scale, grid: true, label, tickFormat: '~g' },
    y: { label: null, domain: peers },
    fy: { label: null, domain: groups },
    marks: [
      Plot.barX(data, { x1: from, x2: 'value', y: 'peer', fy: 'group', fill: rowColour }),
      Plot.ruleY(data, { x1: 'min', x2: 'max', y: 'peer', fy: 'group', stroke: '#222' }),
      Plot.ruleX([1], { stroke: '#222' }),
      numbers(data, from),
    ],
  });
}

/** Lines over what grows, both axes logarithmic. */
function lines({ x, y, data }) {
  const last = data.filter((row) => !data.some((o) => o.peer === row.peer && o.x > row.x));
  return Plot.plot({
    document,
    width: 640,
    height: 360,
    marginLeft: 60,
    marginRight: 80,
    marginTop: 30,
    x: { type: 'log', grid: true, label: x, tickFormat: '~s' },
    y: { type: 'log', grid: true, label: y, tickFormat: '~g' },
    marks: [
      Plot.line(data, { x: 'x', y: 'value', z: 'peer', stroke: rowColour }),
      Plot.ruleX(data, { x: 'x', y1: 'min', y2: 'max', stroke: rowColour }),
      Plot.dot(data, { x: 'x', y: 'value', fill: rowColour }),
      Plot.text(last, { x: 'x', y: 'value', text: 'peer', textAnchor: 'start', dx: 8 }),
    ],
  });
}

function draw(chart) {
  const svg = chart.kind === 'bars' ? bars(chart) : lines(chart);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', chart.title);
  svg.setAttribute('style', style);
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return svg.outerHTML;
}

const charts = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(charts.map(draw)));
