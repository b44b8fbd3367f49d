// SPDX-License-Identifier: LGPL-2.1-or-later
// What: ten megabytes each way at once through the data channel of a call, and its voice meanwhile; beside Janus's VideoCall
import { setTimeout as pause } from 'node:timers/promises';
import { haveViaduct, start, stock, stop, viaduct } from '../tests/e2e/federation.mjs';
import { connect, end, media } from '../tests/e2e/call.mjs';
import { PageCaller, Pages } from '../tests/e2e/page-caller.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { atMost, median, options, report, round, table } from './figures.mjs';

const { rounds } = options({ rounds: 5 },
  'usage: scripts/bench call-data [--rounds 5]\n\nCalls of each kind, in turn, in each of which both sides send a file of 10 MB.');
if (!haveViaduct) throw new Error('the plugin is not built');

const quietSeconds = 5;
const label = 'JanusDataChannel';
const pieceBytes = 16 * 1024, pieces = 640, fileBytes = pieceBytes * pieces;
/// What has been heard of the other's voice so far: packets, samples, and how many of these were made up.
async function heard(caller) {
  const [{ packetsReceived, packetsLost, totalSamplesReceived, concealedSamples }] = await caller.stats('inbound-rtp', 'audio');
  return { received: packetsReceived, lost: packetsLost, samples: totalSamplesReceived, concealed: concealedSamples };
}

async function voice(callers, during) {
  const before = await Promise.all(callers.map(heard));
  await during();
  const after = await Promise.all(callers.map(heard));
  return after.map((now, side) => Object.fromEntries(
    Object.keys(now).map((key) => [key, now[key] - before[side][key]])));
}

const isOpen = (caller) => until(`${caller.name}'s channel is open`, () => caller.evaluate(
  (name) => window.caller.state.channels[name]?.readyState === 'open', label));

/// In the page, as one that sends a file.
const sendFile = (caller, seed) => caller.evaluate(async ([name, bytes, count, first]) => {
  const channel = window.caller.state.channels[name];
  channel.bufferedAmountLowThreshold = 250_000;
  for (let number = 0; number < count; number++) {
    const piece = new Uint8Array(bytes).fill((number + first) % 256);
    new DataView(piece.buffer).setUint32(0, number);
    if (channel.bufferedAmount > 1_000_000)
      await new Promise((resolve) => { channel.onbufferedamountlow = resolve; });
    channel.send(piece.buffer);
  }
}, [label, pieceBytes, pieces, seed]);

const hasFile = (caller) => until(`${caller.name} has the file`, () => caller.evaluate(
  (count) => window.caller.state.heard.length >= count, pieces), { within: 60000, every: 20 });

/// Each octet, and the order.
const isWhole = (caller, seed) => caller.evaluate(([bytes, count, first]) => {
  const all = window.caller.state.heard;
  return all.length === count && all.every(([, data], number) => data.byteLength === bytes
    && new DataView(data).getUint32(0) === number
    && new Uint8Array(data).subarray(4).every((octet) => octet === (number + first) % 256));
}, [pieceBytes, pieces, seed]);

class Way {
  seconds = [];
  quiet = [];
  busy = [];
  broken = 0;
  constructor(name, from, to, plugin) { Object.assign(this, { name, from, to, plugin }); }

  async call(pages) {
    const callers = await Promise.all([this.from, this.to].map(
      (server) => PageCaller.at(server, this.plugin, pages, { data: label })));
    const [alice, carol] = callers;
    await alice.register('alice');
    await carol.register('carol');
    await connect(alice, carol);
    await Promise.all(callers.map(isOpen));
    await media(alice, carol);
    this.quiet.push(...await voice(callers, () => pause(quietSeconds * 1000)));
    const began = performance.now();
    this.busy.push(...await voice(callers, () => Promise.all(
      [sendFile(alice, 1), sendFile(carol, 2), hasFile(alice), hasFile(carol)])));
    this.seconds.push((performance.now() - began) / 1000);
    for (const whole of await Promise.all([isWhole(alice, 2), isWhole(carol, 1)])) this.broken += whole ? 0 : 1;
    await end(alice, carol);
    await Promise.all(callers.map((caller) => caller.leave()));
  }

  figures() {
    const sum = (list, part) => list.reduce((total, each) => total + each[part], 0);
    const share = (list, part, whole) => round(100 * sum(list, part) / sum(list, whole), 3);
    const seconds = median(this.seconds);
    return { seconds: round(seconds), megabytes_per_second: round(2 * fileBytes / seconds / 1e6), broken: this.broken,
      packets: sum(this.busy, 'received'), lost: share(this.busy, 'lost', 'received'),
      made_up_before: share(this.quiet, 'concealed', 'samples'), made_up: share(this.busy, 'concealed', 'samples') };
  }
}

const pages = await Pages.open('call-data');
const all = [];
const ways = {};
try {
  const alone = await start({ size: 1, plugin: stock, prefix: 'bench/data-stock-', base: 9340 });
  all.push(...alone);
  const servers = await start({ prefix: 'bench/data-', base: 9350 });
  all.push(...servers);
  ways.videocall = new Way('VideoCall, one server', alone[0], alone[0], stock);
  ways.local = new Way('Viaduct, one server', servers[0], servers[0], viaduct);
  ways.across = new Way('Viaduct, two servers', servers[0], servers[2], viaduct);
  for (let number = 0; number < rounds; number++) {
    for (const way of Object.values(ways)) {
      console.error(`call ${number + 1} of ${rounds}: ${way.name}`);
      await way.call(pages);
    }
  }
} finally {
  await stop(all);
  await pages.close();
}

const figures = Object.fromEntries(Object.entries(ways).map(([key, way]) => [key, way.figures()]));
console.log(`${rounds} calls of each kind, 10 MB each way; the voice before and meanwhile`);
console.log(table([['way', 'seconds', 'MB/s, both ways', 'whole files', 'packets of voice', 'lost %', 'samples made up before %', 'meanwhile %'],
  ...Object.entries(figures).map(([key, each]) => [ways[key].name, each.seconds, each.megabytes_per_second,
    2 * rounds - each.broken, each.packets, each.lost, each.made_up_before, each.made_up])]));
console.log();
const { across } = figures;
report('call-data', figures, [
  atMost('two servers: files that did not come whole and in order', across.broken, 0),
  atMost('two servers: packets of voice lost, %', across.lost, 0.1),
  atMost('two servers: samples made up, % more than before', round(across.made_up - across.made_up_before, 3), 1),
]);
process.exit(0);
