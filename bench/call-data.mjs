// SPDX-License-Identifier: LGPL-2.1-or-later
// What: ten megabytes each way at once through the data channel of a call across two servers, and the call's voice meanwhile
import { setTimeout as pause } from 'node:timers/promises';
import { haveViaduct, start, stop, viaduct } from '../tests/e2e/federation.mjs';
import { connect, end, media } from '../tests/e2e/call.mjs';
import { PageCaller, Pages } from '../tests/e2e/page-caller.mjs';
import { until } from '../tests/e2e/wait.mjs';
import { atMost, median, options, report, round, table } from './figures.mjs';

const { rounds } = options({ rounds: 5 },
  'usage: scripts/bench call-data [--rounds 5]\n\nCalls, in each of which both sides send a file of 10 MB.');
if (!haveViaduct) throw new Error('the plugin is not built');

const quietSeconds = 5;
const label = 'JanusDataChannel';
const pieceBytes = 16 * 1024, pieces = 640, fileBytes = pieceBytes * pieces;
const figures = { seconds: [], quiet: [], busy: [] };
let broken = 0;

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

const pages = await Pages.open('call-data');
const servers = await start({ prefix: 'bench/data-', base: 9350 });
try {
  for (let number = 0; number < rounds; number++) {
    console.error(`call ${number + 1} of ${rounds}`);
    const callers = await Promise.all([servers[0], servers[2]].map(
      (server) => PageCaller.at(server, viaduct, pages, { data: label })));
    const [alice, carol] = callers;
    await alice.register('alice');
    await carol.register('carol');
    await connect(alice, carol);
    await Promise.all(callers.map(isOpen));
    await media(alice, carol);
    figures.quiet.push(...await voice(callers, () => pause(quietSeconds * 1000)));
    const began = performance.now();
    figures.busy.push(...await voice(callers, () => Promise.all(
      [sendFile(alice, 1), sendFile(carol, 2), hasFile(alice), hasFile(carol)])));
    figures.seconds.push((performance.now() - began) / 1000);
    for (const whole of await Promise.all([isWhole(alice, 2), isWhole(carol, 1)])) broken += whole ? 0 : 1;
    await end(alice, carol);
    await Promise.all(callers.map((caller) => caller.leave()));
  }
} finally {
  await stop(servers);
  await pages.close();
}

const share = (list, part, whole) => round(100 * list.reduce((sum, each) => sum + each[part], 0)
  / list.reduce((sum, each) => sum + each[whole], 0), 3);
const row = (name, list) => ({ name, received: list.reduce((sum, each) => sum + each.received, 0),
  lost: share(list, 'lost', 'received'), concealed: share(list, 'concealed', 'samples') });
const rows = [row('before', figures.quiet), row('meanwhile', figures.busy)];
const seconds = median(figures.seconds);
console.log(`${rounds} calls; 10 MB each way in ${round(seconds)} s (median), ${round(2 * fileBytes / seconds / 1e6)} MB/s in all`);
console.log(table([['the voice', 'packets', 'lost %', 'samples made up %'],
  ...rows.map((each) => Object.values(each))]));
console.log();
report('call-data', { seconds: figures.seconds, voice: rows }, [
  atMost('files that did not come whole and in order', broken, 0),
  atMost('voice meanwhile: packets lost, %', rows[1].lost, 0.1),
  atMost('voice meanwhile: samples made up, % more than before', round(rows[1].concealed - rows[0].concealed, 3), 1),
]);
process.exit(0);
