// SPDX-License-Identifier: LGPL-2.1-or-later
// Stands between servers and browsers and notes when RTP comes to each browser: how many packets of each stream, and the
// longest time without one. A process of its own: what else a benchmark does should not look like a gap.
import dgram from 'node:dgram';
import { once } from 'node:events';
import { serve } from './helper.mjs';

const streams = new Map(); // by path and SSRC
const paths = [];
let windowBegan = performance.now();

const isRtp = (packet) => packet.length >= 12 && packet[0] >> 6 === 2 && ((packet[1] & 0x7f) < 64 || (packet[1] & 0x7f) > 95);

function note(path, packet) {
  const now = performance.now(), key = `${path.number}/${packet.readUInt32BE(8)}`;
  const stream = streams.get(key);
  if (!stream) return streams.set(key, { last: now, longest: 0, packets: 1 });
  // What was silent before the window began counts from then.
  stream.longest = Math.max(stream.longest, now - Math.max(stream.last, windowBegan));
  stream.last = now;
  stream.packets++;
}

async function socket(address, receive) {
  const made = dgram.createSocket({ type: 'udp4', recvBufferSize: 1 << 20 }, receive).bind(0, address);
  await once(made, 'listening');
  return made;
}

serve({
  async open({ address }) {
    const path = { number: paths.length };
    paths.push(path);
    path.toServer = await socket(address, (packet) => {
      if (isRtp(packet)) note(path, packet);
      if (path.browser) path.toBrowser.send(packet, path.browser.port, path.browser.host);
    });
    path.toBrowser = await socket(address, (packet) => {
      if (path.server) path.toServer.send(packet, path.server.port, path.server.host);
    });
    return { number: path.number, server: path.toServer.address().port, browser: path.toBrowser.address().port };
  },
  lead({ number, side, to }) { paths[number][side] = to; },
  close({ number }) {
    paths[number].toServer.close();
    paths[number].toBrowser.close();
    for (const key of streams.keys()) if (key.startsWith(`${number}/`)) streams.delete(key);
  },
  begin() {
    windowBegan = performance.now();
    for (const stream of streams.values()) stream.longest = 0;
  },
  read() {
    const now = performance.now();
    return [...streams].map(([key, { last, longest, packets }]) =>
      [key, { longest: Math.max(longest, now - Math.max(last, windowBegan)), packets }]);
  },
});
