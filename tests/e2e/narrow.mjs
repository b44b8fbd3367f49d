// SPDX-License-Identifier: LGPL-2.1-or-later
// A path between a server and a browser whose width may change: packets to the browser pass through a bottleneck
// with a queue, as they would before a slow line.
import dgram from 'node:dgram';
import { once } from 'node:events';
import { address } from './where.mjs';

const queueMs = 300; // who would wait longer vanishes
const everyMs = 5;

async function socket(receive) {
  const made = dgram.createSocket('udp4', receive).bind(0, address);
  await once(made, 'listening');
  return made;
}

/// A description with one candidate, which leads to `to`, and whom it named before: the first of theirs that is at `at`.
export function divert(description, at, to) {
  let from;
  const lines = description.sdp.split('\r\n').filter((line) => {
    if (!line.startsWith('a=candidate:')) return true;
    const [, , protocol, , host, port, , type] = line.split(' ');
    const taken = !from && protocol.toLowerCase() === 'udp' && type === 'host' && host === at;
    if (taken) from = { host, port: Number(port) };
    return taken;
  }).map((line) => {
    if (!line.startsWith('a=candidate:')) return line;
    const words = line.split(' ');
    words[4] = to.host;
    words[5] = String(to.port);
    return words.join(' ');
  });
  return { diverted: { ...description, sdp: lines.join('\r\n') }, from };
}

export class NarrowPath {
  bitsPerSecond = Infinity;
  queue = [];
  waiting = 0; // octets in the queue
  credit = 0; // octets that may go

  static async open() {
    const path = new this();
    path.toServer = await socket((packet) => path.enter(packet)); // what the server sends to
    path.toBrowser = await socket((packet) => {
      if (path.server) path.toServer.send(packet, path.server.port, path.server.host);
    });
    path.timer = setInterval(() => path.leave(), everyMs);
    return path;
  }

  enter(packet) {
    if (this.bitsPerSecond === Infinity) return this.pass(packet);
    if (this.waiting + packet.length > this.bitsPerSecond / 8 * queueMs / 1000) return;
    this.queue.push(packet);
    this.waiting += packet.length;
  }

  leave() {
    const step = this.bitsPerSecond / 8 * everyMs / 1000;
    this.credit = Math.min(this.credit + step, Math.max(step, 1500));
    while (this.queue.length && this.queue[0].length <= this.credit) {
      const packet = this.queue.shift();
      this.waiting -= packet.length;
      this.credit -= packet.length;
      this.pass(packet);
    }
  }

  pass(packet) {
    if (this.browser) this.toBrowser.send(packet, this.browser.port, this.browser.host);
  }

  /// A description in which the candidate leads into this path instead of to whom it names.
  through(description, side) {
    const { port } = (side === 'server' ? this.toBrowser : this.toServer).address();
    const { diverted, from } = divert(description, address, { host: address, port });
    this[side] = from;
    return diverted;
  }

  close() {
    clearInterval(this.timer);
    this.toServer.close();
    this.toBrowser.close();
  }
}
