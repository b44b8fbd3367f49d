// SPDX-License-Identifier: LGPL-2.1-or-later
// What: 64 nodes on the loopback: a put, a get, and a get just after half of them were killed, beside others
// Needs: libtorrent-rasterbar-dev libopendht-dev
// Builds: dht-net dht-opendht
import { atLeast, atMost, lines, median, options, report, round, table } from './figures.mjs';

const { rounds } = options({ rounds: 3 },
  'usage: scripts/bench dht-net [--rounds 3]\n\nEach round is a new network of each kind, in turn.');

/// Like is compared with like: what is stored, and when a get is done.
const whats = {
  items: 'items under their own hash (BEP 44, immutable); ours are put when 8 hold them, as many as do of theirs',
  first: 'signed ones that may change: a get ends with the first that comes, a put when 8 hold it',
  all: 'the same: a get ends when all who may hold one have been heard, a put when all who are to hold it do: 20 of ours',
};
const programs = {
  Viaduct: (what) => ['dht-net', 'viaduct', what],
  libtorrent: (what) => ['dht-net', 'libtorrent', what],
  OpenDHT: (what) => what !== 'items' && ['dht-opendht', 'net', 17700, what],
};
const samples = {};
for (let number = 0; number < rounds; number++) {
  for (const what of Object.keys(whats)) {
    for (const [who, command] of Object.entries(programs)) {
      const [program, ...args] = command(what) || [];
      if (!program) continue;
      const series = (samples[what] ??= {})[who] ??= {};
      for (const line of await lines(program, args)) (series[line.what] ??= []).push(line);
    }
  }
}

const figures = {};
console.log(`64 nodes in two processes, 200 values of 100 octets; milliseconds, medians of ${rounds} networks`);
for (const [what, title] of Object.entries(whats)) {
  figures[what] = {};
  const rows = [['', 'put p50', 'p99', 'get p50', 'p99', 'killed: found', 'get p50', 'p99', 'most']];
  for (const [who, series] of Object.entries(samples[what])) {
    const figure = (name) => {
      const middle = (key) => round(median(series[name].map((each) => each[key])), 2);
      const sum = (key) => series[name].reduce((total, each) => total + each[key], 0);
      return { p50: middle('p50'), p99: middle('p99'), most: middle('most'), found_percent: round(100 * sum('good') / sum('of'), 2) };
    };
    const [put, get, killed] = ['put', 'get', 'get, half killed'].map(figure);
    figures[what][who] = { put, get, killed };
    rows.push([who, put.p50, put.p99, get.p50, get.p99, `${killed.found_percent} %`, killed.p50, killed.p99, killed.most]);
  }
  console.log(`\n${title}\n${table(rows)}`);
}
console.log();

const ours = Object.values(figures).map((each) => each.Viaduct);
const asGood = (what, name, key) => {
  const { Viaduct, ...others } = figures[what];
  const best = Math.min(...Object.values(others).map((each) => each[name][key]));
  return atMost(`${what}: ${name}, ${key} in ms, beside the best other`, Viaduct[name][key], best);
};
report('dht-net', figures, [
  atLeast('put and get: % that succeed', Math.min(...ours.flatMap(({ put, get }) => [put.found_percent, get.found_percent])), 100),
  atLeast('half killed: % found', Math.min(...ours.map(({ killed }) => killed.found_percent)), 100),
  ...Object.keys(whats).map((what) => atMost(`${what}: half killed, get, p99 in ms`, figures[what].Viaduct.killed.p99, 50)),
  ...Object.keys(whats).flatMap((what) => ['get', 'put'].flatMap((name) => ['p50', 'p99'].map((key) => asGood(what, name, key)))),
]);
