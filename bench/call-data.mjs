// SPDX-License-Identifier: LGPL-2.1-or-later
// What: ten megabytes each way at once through the data channel of a call across two servers, and the call's voice meanwhile
import { haveViaduct, start, stop, viaduct } from '../tests/e2e/federation.mjs';
import { Caller } from '../tests/e2e/caller.mjs';
import { connect, end, media } from '../tests/e2e/call.mjs';
import { fileBytes, getFile, open, sendFile, sound, watch } from '../tests/e2e/channels.mjs';
import { setTimeout as pause } from 'node:timers/promises';
import { atMost, median, options, report, round, table } from './figures.mjs';

const { rounds } = options({ rounds: 5 },
  'usage: scripts/bench call-data [--rounds 5]\n\nCalls, in each of which both sides send a file of 10 MB.');
if (!haveViaduct) throw new Error('the plugin is not built');

const quietSeconds = 5;
const figures = { seconds: [], quiet: [], busy: [] };
let broken = 0;

async function voice(callers, during) {
  const before = await Promise.all(callers.map(sound));
  await during();
  const after = await Promise.all(callers.map(sound));
  return after.map((now, side) => Object.fromEntries(
    Object.keys(now).map((key) => [key, now[key] - before[side][key]])));
}

const servers = await start({ prefix: 'bench/data-', base: 9350 });
try {
  for (let number = 0; number < rounds; number++) {
    console.error(`call ${number + 1} of ${rounds}`);
    const callers = await Promise.all([servers[0], servers[2]].map((server) => Caller.at(server, viaduct)));
    const [alice, carol] = callers;
    await alice.register('alice');
    await carol.register('carol');
    callers.forEach(watch);
    await connect(alice, carol);
    await Promise.all(callers.map((caller) => open(caller)));
    await media(alice, carol);
    figures.quiet.push(...await voice(callers, () => pause(quietSeconds * 1000)));
    const began = performance.now();
    figures.busy.push(...await voice(callers, async () => {
      const got = await Promise.allSettled([getFile(alice, 2), getFile(carol, 1), sendFile(alice, 1), sendFile(carol, 2)]);
      const failed = got.filter((each) => each.status === 'rejected');
      broken += failed.length;
      failed.forEach((each) => console.error(each.reason.message));
    }));
    figures.seconds.push((performance.now() - began) / 1000);
    await end(alice, carol);
    await Promise.all(callers.map((caller) => caller.leave()));
  }
} finally {
  await stop(servers);
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
  atMost('voice meanwhile: packets lost, %', rows[1].lost, 0),
  atMost('voice meanwhile: samples made up, % more than before', round(rows[1].concealed - rows[0].concealed, 3), 1),
]);
process.exit(0);
