// SPDX-License-Identifier: LGPL-2.1-or-later
// What: a room at five servers, one of which is killed, cut off for 10 s or drained: what the others see of it, and what is left over
import { setTimeout as pause } from 'node:timers/promises';
import { atMost, options, report, round, summary, table } from './figures.mjs';
import { Scene } from './rooms/scene.mjs';

const plan = options(
  { kills: 50, cuts: 50, drains: 50, seconds: 10, servers: 5, publishers: 20, quiet: 10 },
  `usage: scripts/bench rooms-faults [OPTION…]

  --kills 50       how often a server gets SIGKILL, and is started again (0: not at all) …
  --cuts 50        … is cut off from the others …
  --seconds 10     … for so long
  --drains 50      … is drained, so that its members go to another one, and takes them in again
  --servers 5      that the room is at
  --publishers 20  with audio and two sizes of a picture, whom somebody at each server watches
  --quiet 10       seconds without a fault, against which gaps are measured`, 0);

const gapMs = 200; // more than without a fault: it would be heard
const progress = (text) => console.error(text);
const kinds = ['audio', 'video'];
const figures = {};

/// The longest time without RTP of each kind.
const longestOf = (lines) => Object.fromEntries(kinds.map((kind) =>
  [kind, round(Math.max(0, ...lines.filter(({ type }) => type === kind).map(({ ms }) => ms)))]));

/// `fault(index)` happens to one server after the other, but for the first ones, which are left in peace.
async function measure(scene, { name, times, spared, fault }, quiet) {
  const samples = { roster: [], returned: [] }, failures = [];
  let gaps = 0, longest = { audio: 0, video: 0 };
  const before = await scene.held();
  for (let time = 0; time < times; time++) {
    const index = spared + time % (plan.servers - spared);
    // What does not come from it or go to it. Cut off, it still has its own.
    const same = scene.lines((to, number) => (to === index) === (number % plan.servers === index)
      && (to !== index || name === 'cut off'));
    await scene.tap.begin();
    try {
      const { roster, returned } = await fault(index);
      samples.roster.push(roster);
      samples.returned.push(returned);
      const seen = await scene.longest(same);
      const most = longestOf(seen);
      gaps += seen.filter(({ type, ms }) => ms > quiet[type] + gapMs).length;
      longest = Object.fromEntries(kinds.map((kind) => [kind, Math.max(longest[kind], most[kind])]));
      progress(`${name} ${time + 1} of ${times}, server ${index}: roster right after ${Math.round(roster)} ms, as before after `
        + `${Math.round(returned)} ms; without RTP at most ${most.audio} ms (sound), ${most.video} ms (picture)`);
    } catch (error) {
      failures.push(error.message);
      progress(`${name} ${time + 1} of ${times}, server ${index}: ${error.stack}`);
      await scene.mend(index);
    }
  }
  const after = await scene.heldAgain(before);
  const kept = before.map((then, index) => ({ then, now: after[index] })).filter(({ then, now }) => then.pid === now.pid);
  const most = (what) => kept.map(({ then, now }) => ({ before: then[what], after: now[what] }))
    .reduce((worst, each) => (each.after - each.before > worst.after - worst.before ? each : worst));
  return { times, roster_ms: spread(samples.roster), returned_ms: spread(samples.returned), compared: samples.roster.length,
    gaps, longest_ms: longest, failures,
    held: Object.fromEntries(['fds', 'threads', 'lanes', 'handles', 'mib'].map((what) => [what, most(what)])) };
}

const spread = (samples) => ({ ...summary(samples), most: round(Math.max(0, ...samples)) });

const faults = [
  { name: 'killed', times: plan.kills, spared: 1, fault: (scene) => (index) => scene.kill(index) },
  { name: 'cut off', times: plan.cuts, spared: 0, fault: (scene) => (index) => scene.cut(index, plan.seconds) },
  { name: 'drained', times: plan.drains, spared: 0, fault: (scene) => (index) => scene.drain(index) },
].filter(({ times }) => times > 0);

const scene = await Scene.open({ ...plan, progress });
try {
  figures.settled_ms = round(await scene.settled());
  progress(`every picture of everybody comes whole after ${figures.settled_ms} ms`);
  await scene.tap.begin();
  await pause(1000 * plan.quiet);
  const quiet = figures.quiet = longestOf(await scene.longest(scene.lines(() => true)));
  progress(`without a fault: ${quiet.audio} ms without sound, ${quiet.video} ms without a picture`);
  for (const { fault, ...each } of faults) figures[each.name] = await measure(scene, { ...each, fault: fault(scene) }, quiet);
} finally {
  await scene.close();
}

const rows = faults.map(({ name }) => [name, figures[name]]);
console.log(`${plan.servers} servers, ${plan.publishers} publishers, watched at each; of a server that is cut off for ${plan.seconds} s its own are others too`);
console.log(table([
  ['a server is', 'times', 'roster right everywhere after ms: p50', 'p95', 'most', 'other feeds: longest without sound, ms', 'without a picture',
    'gaps', 'as before after ms: p50', 'p95', 'most', 'failures'],
  ['left in peace', null, null, null, null, figures.quiet.audio, figures.quiet.video, null, null, null, null, null],
  ...rows.map(([name, { times, roster_ms: roster, longest_ms: longest, gaps, returned_ms: returned, failures }]) =>
    [name, times, roster.p50, roster.p95, roster.most, longest.audio, longest.video, gaps, returned.p50, returned.p95, returned.most,
      failures.length]),
]));
console.log(`\nWhat a server that ran all the time holds, before and after: the one of which most is left over`);
console.log(table([
  ['a server is', 'descriptors', 'then', 'threads', 'then', 'lanes', 'then', 'handles', 'then', 'MiB', 'then'],
  ...rows.map(([name, { held }]) => [name, ...['fds', 'threads', 'lanes', 'handles'].flatMap((what) => [held[what].before, held[what].after]),
    round(held.mib.before), round(held.mib.after)]),
]));
console.log();
const all = rows.map(([, each]) => each);
const sum = (of) => all.reduce((total, each) => total + of(each), 0);
const surplus = (what) => Math.max(0, ...all.map(({ held }) => held[what].after - held[what].before));
report('rooms-faults', figures, [
  atMost('faults after which not everything was as before', sum(({ failures }) => failures.length), 0),
  atMost('roster right everywhere after ms, most', Math.max(...all.map(({ roster_ms: { most } }) => most)), 3000),
  atMost(`gaps in other feeds (${gapMs} ms more than without a fault)`, sum(({ gaps }) => gaps), 0),
  atMost('descriptors left over', surplus('fds'), 0),
  atMost('threads left over', surplus('threads'), 2),
  atMost('lanes and handles left over', Math.max(surplus('lanes'), surplus('handles')), 0),
]);
process.exit(0);
