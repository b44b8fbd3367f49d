// SPDX-License-Identifier: LGPL-2.1-or-later
// What: memory of an idle node's process, of each further node in one, and of 10,000 records, beside others
// Needs: libtorrent-rasterbar-dev libopendht-dev
// Builds: dht-memory dht-memory-libtorrent dht-opendht ../tools/viaduct
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import os from 'node:os';
import path from 'node:path';
import { atMost, lines, options, report, round, table } from './figures.mjs';

const { records, seconds } = options({ records: 10_000, seconds: 5 },
  'usage: scripts/bench dht-memory [--records 10000] [--seconds 5]\n\nRecords held, and how long a process idles.');

const build = path.join(process.env.VIADUCT_BUILD, 'bench');
const folder = mkdtempSync(path.join(os.tmpdir(), 'dht-memory-'));

/// What the kernel counts for a process that does nothing: all resident pages, those of no file, and those of its
/// files that no other process shares at the moment.
async function idle(who, program, args) {
  const file = path.join(build, program);
  if (!existsSync(file)) return null;
  const child = spawn(file, args, { stdio: 'ignore' });
  await pause(seconds * 1000); // this is the measurement, not a wait for something
  const said = readFileSync(`/proc/${child.pid}/smaps_rollup`, 'utf8');
  child.kill('SIGKILL');
  const mebibytes = (name) => round(Number(said.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1]) / 1024, 2);
  return { who, resident: mebibytes('Rss'), proportional: mebibytes('Pss'), anonymous: mebibytes('Anonymous') };
}

const idles = (await Promise.all([
  idle('Viaduct', 'bench/dht-memory', ['idle']),
  idle('libtorrent', 'bench/dht-memory-libtorrent', ['idle']),
  idle('OpenDHT', 'bench/dht-opendht', ['serve', '17995']),
  idle('viaduct node, with signalling over TLS', 'tools/viaduct', ['node', '-i', path.join(folder, 'key'), '--listen', '127.0.0.1:17700',
    '--signalling', '127.0.0.1:0']),
])).filter(Boolean);
rmSync(folder, { recursive: true });

const nodes = await lines('dht-memory', ['nodes']);
if (idles.some(({ who }) => who === 'libtorrent')) nodes.push(...await lines('dht-memory-libtorrent', ['nodes']));
if (idles.some(({ who }) => who === 'OpenDHT')) nodes.push(...await lines('dht-opendht', ['memory', 17_900]));
const [held] = await lines('dht-memory', ['records', records]);

console.log(`An idle process of one node after ${seconds} s, MiB`);
console.log(table([['', 'resident', 'of it divided among who shares it', 'of no file'],
  ...idles.map((each) => [each.who, each.resident, each.proportional, each.anonymous])]));
console.log(`\n${nodes[0].nodes} nodes of one process on the loopback; puts and gets of 16 values`);
console.log(table([['', 'MiB with one', 'with all', 'KiB for each further one, when joined', 'after puts and gets', 'of these', 'good'],
  ...nodes.map((each) => [each.who, round(each.one / 1024, 1), round(each.all / 1024, 1), each.joined, each.worked,
    each.of, each.good])]));
const perRecord = round(1024 * held.kib / held.records, 0);
console.log(`\n${held.records} records with values of 100 octets: ${round(held.kib / 1024, 2)} MiB, ${perRecord} octets each\n`);

report('dht-memory', { idles, nodes, records: held }, [
  atMost('an idle process, MiB resident', idles[0].resident, 8),
  atMost('each further node in one process, KiB', nodes[0].worked, 100),
  atMost('10,000 records, MiB', round(held.kib / held.records * 1e4 / 1024, 2), 8),
]);
