// SPDX-License-Identifier: LGPL-2.1-or-later
// Many publishers in one room of many servers: who is seen where, and what crosses between them.
import { setTimeout as pause } from 'node:timers/promises';
import { start, stop, viaduct } from '../../tests/e2e/federation.mjs';
import { until } from '../../tests/e2e/wait.mjs';
import { Member, Publisher, Viewer } from './people.mjs';
import { room } from './ways.mjs';

// libwebrtc sends two sizes of a picture of this one. Without noise: keyframes must fit into what there is.
const camera = { width: 480, height: 270, rate: 6, noise: 0 };
const encodings = [{ rid: 'h', maxBitrate: 150_000 }, { rid: 'l', scaleResolutionDownBy: 2, maxBitrate: 50_000 }];
const video = 1; // the m-line

/// Which publishers a viewer sees and hears, within so long.
async function everybody(viewer, publishers, within) {
  const seen = new Set();
  viewer.onpicture = (number) => { seen.add(number); };
  const before = await viewer.received();
  await until('everybody is seen', () => seen.size >= publishers, { within }).catch(() => {});
  const after = await viewer.received();
  const grew = new Set(after.filter(({ mid, packets }) =>
    packets > (before.find((each) => each.mid === mid)?.packets ?? 0)).map(({ mid }) => mid));
  const heard = new Set(viewer.lines.filter(({ type, mid }) => type === 'audio' && grew.has(mid))
    .map(({ feed_display: display }) => Number(display.match(/\d+/)[0])));
  return new Set([...seen].filter((number) => !viewer.hears || heard.has(number)));
}

/// Each feed that leaves a server for another, each layer of its picture: how often.
async function crossings(servers) {
  const count = new Map();
  let feeds = 0;
  for (const server of servers) {
    const { node, crossings: list } = await server.status();
    feeds += list.length;
    for (const { feed, peer, streams } of list) {
      for (const { mindex, layer, packets } of streams) {
        if (packets === 0) continue;
        const key = [node, peer, feed, mindex, layer].join(' ');
        count.set(key, (count.get(key) ?? 0) + 1);
      }
    }
  }
  const layers = [...count.keys()].filter((key) => key.split(' ')[3] === String(video)).length;
  return { crossings: feeds, layers, crossed_twice: [...count.values()].filter((each) => each > 1).length };
}

export async function crowd({ servers: size, publishers: many, progress }) {
  const servers = await start({ size, base: 9500, prefix: 'bench/rooms-crowd-', general: { trunk_idle: 3600 },
    rooms: { [room]: { publishers: 1000, federated: true } } });
  const people = [];
  try {
    const members = [];
    for (const [index, server] of servers.entries())
      members.push(await Member.at(server, viaduct, room, `member ${index}`));
    people.push(...members);
    for (let number = 0; number < many; number++) {
      people.push(await Publisher.at(servers[number % size], viaduct, room, number, { camera, encodings }));
      if ((number + 1) % 5 === 0) progress(`${number + 1} of ${many} publishers`);
    }
    // One who wants the larger picture and hears, and one who wants the smaller, at each server.
    const viewers = [];
    for (const member of members) {
      for (const substream of [2, 0]) {
        const viewer = await Viewer.at(member.server, viaduct);
        people.push(viewer);
        viewers.push(viewer);
        viewer.hears = substream === 2;
        const streams = [];
        for (let number = 0; number < many; number++) {
          const feed = await member.feed(number);
          if (viewer.hears) streams.push({ feed, mid: '0' });
          streams.push({ feed, mid: String(video), substream });
        }
        await viewer.subscribe(room, streams);
      }
      progress(`${member.server.name}: two watch`);
    }
    const seen = await Promise.all(viewers.map((viewer) => everybody(viewer, many, 30000)));
    for (const [index, viewer] of viewers.entries())
      if (seen[index].size < many) progress(`${viewer.server.name}: ${viewer.hears ? 'sees and hears' : 'sees the smaller picture of'} ${seen[index].size}`);
    await pause(2000);
    let everywhere = 0;
    for (let number = 0; number < many; number++) everywhere += seen.every((each) => each.has(number));
    return { servers: size, publishers: many, seen_everywhere: everywhere, ...await crossings(servers) };
  } finally {
    for (const each of people) await each.leave().catch(() => {});
    await stop(servers);
  }
}
