// SPDX-License-Identifier: LGPL-2.1-or-later
// What every benchmark ends with: a table for people, one line for machines.
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { spawn, spawnSync } from 'node:child_process';

export const round = (value, digits = 1) => Number(value.toFixed(digits));

/// The value below which a share of the samples lies (nearest rank).
export function percentile(samples, share) {
  if (samples.length === 0) return NaN;
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export const summary = (samples) => ({
  p50: round(percentile(samples, 0.5)), p95: round(percentile(samples, 0.95)), p99: round(percentile(samples, 0.99)),
});

export const median = (samples) => percentile(samples, 0.5);

function janusVersion() {
  const said = spawnSync('janus', ['--version'], { encoding: 'utf8' }).stdout ?? '';
  return said.match(/\(([\d.]+)\)/)?.[1] ?? 'not there';
}

export const machine = () => ({
  processor: os.cpus()[0]?.model.trim(), cores: os.cpus().length, memory_gib: Math.round(os.totalmem() / 2 ** 30),
  kernel: os.release(), node: process.version, janus: janusVersion(),
});

/// Rows of equal length, the first one the heading; all columns but the first are numbers.
export function table(rows) {
  const text = rows.map((row) => row.map((cell) => String(cell ?? '-')));
  const widths = text[0].map((_, column) => Math.max(...text.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) =>
    column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => '-'.repeat(width + 1) + (column === 0 ? '-' : ':')).join('|')}|`;
  return [line(text[0]), rule, ...text.slice(1).map(line)].join('\n');
}

/// An aim that the value must not exceed, or not stay below.
export const atMost = (name, value, aim) => ({ name, value, aim, met: value <= aim });
export const atLeast = (name, value, aim) => ({ name, value, aim, met: value >= aim, least: true });

export function report(bench, figures, aims) {
  for (const { name, value, aim, met, least } of aims) {
    console.log(`${met ? 'met   ' : 'MISSED'} ${name}: ${value} (aim: at ${least ? 'least' : 'most'} ${aim})`);
  }
  const plain = aims.map(({ name, value, aim, met }) => ({ name, value, aim, met }));
  console.log(JSON.stringify({ bench, machine: machine(), figures, aims: plain }));
}

/// --calls 20 → { calls: 20 }; an option that is not there is refused, and a number below `least`.
export function options(defaults, text, least = 1) {
  const found = { ...defaults };
  const rest = process.argv.slice(2);
  while (rest.length) {
    const [name, inline] = rest.shift().split('=');
    const key = name.replace(/^--/, '');
    if (name === '--help' || !(key in defaults)) {
      console.log(text);
      process.exit(name === '--help' ? 0 : 2);
    }
    found[key] = Number(inline ?? rest.shift());
    if (!Number.isInteger(found[key]) || found[key] < least) {
      console.error(`${name} takes a whole number from ${least}`);
      process.exit(2);
    }
  }
  return found;
}

/// Runs a program of the benchmarks' own build, which prints one JSON object a line.
export async function lines(program, args) {
  const file = path.join(process.env.VIADUCT_BUILD, 'bench', 'bench', program);
  const child = spawn(file, args.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  const found = [];
  for await (const line of readline.createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) found.push(JSON.parse(line));
    else console.log(line);
  }
  const status = await ended;
  if (status !== 0) {
    console.error(`${program} ended with ${status}`);
    process.exit(1);
  }
  return found;
}
