// SPDX-License-Identifier: LGPL-2.1-or-later
// Hops against the size of the network, as an SVG that reads on a light page and on a dark one.

const width = 640, height = 360, left = 56, right = 24, top = 40, bottom = 56;
const from = 2, to = 7, hopsMax = 8; // powers of ten
const grey = '#808080';

const x = (nodes) => left + (Math.log10(nodes) - from) / (to - from) * (width - left - right);
const y = (hops) => height - bottom - hops / hopsMax * (height - top - bottom);
const text = (atX, atY, what, anchor = 'middle') =>
  `<text x="${atX}" y="${atY}" text-anchor="${anchor}" fill="${grey}">${what}</text>`;

function axes() {
  const out = [];
  for (let power = from; power <= to; power++) {
    out.push(text(x(10 ** power), height - bottom + 20, `10<tspan dy="-5" font-size="10">${power}</tspan>`));
  }
  for (let hops = 0; hops <= hopsMax; hops += 2) {
    out.push(`<path d="M${left} ${y(hops)}H${width - right}" stroke="${grey}" stroke-opacity="0.35"/>`);
    out.push(text(left - 10, y(hops) + 4, hops, 'end'));
  }
  out.push(text((left + width - right) / 2, height - 14, 'nodes'), text(left - 10, 24, 'hops', 'start'));
  return out;
}

function series(points, what, colour, name, row) {
  const at = points.map((each) => [x(each.nodes).toFixed(1), y(each[what]).toFixed(1)]);
  return [
    `<polyline points="${at.map((each) => each.join(',')).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...at.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="4" fill="${colour}"/>`),
    `<circle cx="${left + 90 + row * 150}" cy="20" r="4" fill="${colour}"/>`,
    text(left + 100 + row * 150, 24, name, 'start'),
  ];
}

export function hopsPlot(population, whole) {
  return [
    '<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    '<title>Hops of a lookup against the number of nodes</title>',
    ...axes(),
    ...series(population, 'hops_max', '#d9822b', 'most', 0),
    ...series(population, 'hops', '#2f81f7', 'mean', 1),
    ...series(whole, 'hops', '#2da44e', 'whole protocol, mean', 2),
    '</svg>', '',
  ].join('\n');
}
