// SPDX-License-Identifier: LGPL-2.1-or-later
// What: 64 nodes on the loopback: a put, a get, and a get just after half of them were killed, beside others
// Needs: libtorrent-rasterbar-dev libopendht-dev
// Builds: dht-net dht-opendht
import { atLeast, atMost, lines, median, options, report, round, table } from './figures.mjs';

const { rounds } = options({ rounds: 3 },
  'usage: scripts/bench dht-net [--rounds 3]\n\nEach round is a new network of each kind, in turn.');

const kinds = { viaduct: ['dht-net', 'viaduct'], libtorrent: ['dht-net', 'libtorrent'], OpenDHT: ['dht-opendht', 'net', 17700] };
const samples = {};
for (let number = 0; number < rounds; number++) {
  for (const [who, [program, ...args]] of Object.entries(kinds)) {
    for (const { what, ...each } of await lines(program, args)) ((samples[who] ??= {})[what] ??= []).push(each);
  }
}

const figures = {};
const rows = [['', 'put p50', 'p99', 'get p50', 'p99', 'killed: found', 'get p50', 'p99', 'most']];
for (const [who, whats] of Object.entries(samples)) {
  const middle = (what, key) => round(median(whats[what].map((each) => each[key])), 2);
  const sum = (what, key) => whats[what].reduce((total, each) => total + each[key], 0);
  const figure = (what) => ({ p50: middle(what, 'p50'), p99: middle(what, 'p99'), most: middle(what, 'most'),
    found_percent: round(100 * sum(what, 'good') / sum(what, 'of'), 2) });
  const [put, get, killed] = ['put', 'get', 'get, half killed'].map(figure);
  figures[who] = { put, get, killed };
  rows.push([who === 'viaduct' ? 'Viaduct' : who, put.p50, put.p99, get.p50, get.p99, `${killed.found_percent} %`, killed.p50,
    killed.p99, killed.most]);
}
console.log(`64 nodes in two processes, 200 values of 100 octets; milliseconds, medians of ${rounds} networks`);
console.log(table(rows));
console.log();
const { put, get, killed } = figures.viaduct;
report('dht-net', figures, [
  atLeast('put and get: % that succeed', Math.min(put.found_percent, get.found_percent), 100),
  atLeast('half killed: % found', killed.found_percent, 100),
  atMost('half killed: get, p99 in ms', killed.p99, 50),
]);
