// SPDX-License-Identifier: LGPL-2.1-or-later
// The paper's three measures for each fault as bars, in an SVG that reads on a light page and on a dark one.

const row = 30, left = 150, top = 46, bar = 140, gap = 50, grey = '#808080';
const text = (x, y, what, anchor = 'start') => `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${grey}">${what}</text>`;

export function faultsPlot(figures, hold) {
  const names = Object.keys(figures);
  const measures = [
    { title: 'connected after ms, p95', of: 'p95', most: Math.max(1, ...names.map((name) => figures[name].p95 || 0)), colour: '#2f81f7' },
    { title: 'failed, %', of: 'failed_percent', most: 100, colour: '#d9822b' },
    { title: 'seconds without a drop', of: 'seconds', most: hold, colour: '#2da44e' },
  ];
  const width = left + measures.length * (bar + gap), height = top + names.length * row + 10;
  const out = measures.map(({ title }, column) => text(left + column * (bar + gap), 24, title));
  for (const [line, name] of names.entries()) {
    const y = top + line * row;
    out.push(text(left - 12, y + 14, name, 'end'));
    for (const [column, { of, most, colour }] of measures.entries()) {
      const x = left + column * (bar + gap), value = figures[name][of] || 0;
      out.push(`<rect x="${x}" y="${y}" width="${Math.max(1, value / most * bar).toFixed(1)}" height="18" fill="${colour}"/>`,
        text(x + Math.max(1, value / most * bar) + 6, y + 14, value));
    }
  }
  return ['<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->',
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    '<title>Calls through faults: connection time, failure rate, session time</title>', ...out, '</svg>', ''].join('\n');
}
