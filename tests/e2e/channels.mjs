// SPDX-License-Identifier: LGPL-2.1-or-later
// Data channels of callers, and ten megabytes for one.
import assert from 'node:assert/strict';
import { until } from './wait.mjs';

/// Opens a channel of one caller; of the other it opens when the first message comes, as Janus does it.
export function watch(caller) {
  caller.heard = [];
  caller.channels = {};
  caller.listen = (channel) => {
    channel.binaryType = 'arraybuffer';
    caller.channels[channel.label] = channel;
    channel.onmessage = ({ data }) => caller.heard.push([channel.label, data]);
  };
  caller.prepared = (pc) => {
    pc.ondatachannel = ({ channel }) => caller.listen(channel);
    caller.listen(pc.createDataChannel('JanusDataChannel'));
  };
}

export const open = (caller, label = 'JanusDataChannel') => until(`${caller.name}'s channel ${label} is open`,
  () => caller.channels[label]?.readyState === 'open');
export const hears = (caller, count, within = 5000) => until(`${caller.name} gets ${count} messages`,
  () => caller.heard.length >= count, { within });

const size = 16 * 1024, count = 640;
export const fileBytes = size * count;

/// A file of ten megabytes in pieces, as a page sends it; `seed` tells files apart.
export async function sendFile(caller, seed) {
  const channel = caller.channels.JanusDataChannel;
  for (let number = 0; number < count; number++) {
    const piece = new Uint8Array(size).fill((number + seed) % 256);
    new DataView(piece.buffer).setUint32(0, number);
    await until('there is room', () => channel.bufferedAmount < 1_000_000, { within: 30000, every: 2 });
    channel.send(piece.buffer);
  }
}

/// Waits for the whole file, and looks at each octet of it and at the order.
export async function getFile(caller, seed) {
  await hears(caller, count, 60000);
  assert.equal(caller.heard.length, count);
  caller.heard.forEach(([, data], number) => {
    const piece = new Uint8Array(data);
    assert.equal(piece.length, size);
    assert.equal(new DataView(data).getUint32(0), number, 'out of order');
    assert.ok(piece.subarray(4).every((octet) => octet === (number + seed) % 256));
  });
}

/// Packets of the other's voice so far: received and lost.
export async function sound(caller) {
  for (const each of (await caller.pc.getStats()).values())
    if (each.type === 'inbound-rtp' && (each.kind ?? each.mediaType) === 'audio')
      return { received: each.packetsReceived, lost: each.packetsLost };
  return undefined;
}
