// SPDX-License-Identifier: LGPL-2.1-or-later
// Data channels across servers: text and binary, in order, and many of them while the call goes on.
import test from 'node:test';
import assert from 'node:assert/strict';
import { againstStock, house, withCallers } from './house.mjs';
import { connect, end, media } from './call.mjs';
import { until } from './wait.mjs';

const servers = house('data');

/// Opens a channel of one caller; of the other it opens when the first message comes, as Janus does it.
function watch(caller) {
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

const open = (caller, label = 'JanusDataChannel') => until(`${caller.name}'s channel ${label} is open`,
  () => caller.channels[label]?.readyState === 'open');
const hears = (caller, count, within = 5000) => until(`${caller.name} gets ${count} messages`,
  () => caller.heard.length >= count, { within });

for (const [where, index] of [['two servers', 2], ['one server', 0]]) {
  test(`messages go both ways, across ${where}`, async () => {
    await withCallers({ alice: servers[0], carol: servers[index] }, async (alice, carol) => {
      watch(alice);
      watch(carol);
      await connect(alice, carol);
      await Promise.all([open(alice), open(carol)]);
      alice.channels.JanusDataChannel.send('hello, Carol ☎');
      carol.channels.JanusDataChannel.send('hello, Alice');
      await Promise.all([hears(alice, 1), hears(carol, 1)]);
      assert.deepEqual(carol.heard, [['JanusDataChannel', 'hello, Carol ☎']]);
      assert.deepEqual(alice.heard, [['JanusDataChannel', 'hello, Alice']]);

      alice.channels.JanusDataChannel.send(Uint8Array.of(0, 1, 255).buffer);
      await hears(carol, 2);
      assert.deepEqual([...new Uint8Array(carol.heard[1][1])], [0, 1, 255]);
      await media(alice, carol);
      await end(alice, carol);
    });
  });
}

test('a channel keeps its label', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    watch(alice);
    watch(carol);
    await connect(alice, carol);
    await Promise.all([open(alice), open(carol)]);
    alice.listen(alice.pc.createDataChannel('games', { protocol: 'chess' }));
    await open(alice, 'games');
    alice.channels.games.send('e4');
    await hears(carol, 1);
    assert.deepEqual(carol.heard, [['games', 'e4']]);
    if (!againstStock) assert.equal(carol.channels.games.protocol, 'chess');
    await end(alice, carol);
  });
});

test('ten megabytes go each way at once, whole and in order, and disturb no sound',
  { skip: againstStock && 'it has no limit and no order' }, async () => {
    const [a, , c] = servers;
    const size = 16 * 1024, count = 640;
    await withCallers({ alice: a, carol: c }, async (alice, carol) => {
      watch(alice);
      watch(carol);
      await connect(alice, carol);
      await Promise.all([open(alice), open(carol)]);
      await media(alice, carol);
      const sound = async (caller) => {
        for (const each of (await caller.pc.getStats()).values())
          if (each.type === 'inbound-rtp' && (each.kind ?? each.mediaType) === 'audio')
            return { received: each.packetsReceived, lost: each.packetsLost };
        return undefined;
      };
      const before = [await sound(alice), await sound(carol)];
      const began = performance.now();
      const send = async (caller, seed) => {
        const channel = caller.channels.JanusDataChannel;
        for (let number = 0; number < count; number++) {
          const piece = new Uint8Array(size).fill((number + seed) % 256);
          new DataView(piece.buffer).setUint32(0, number);
          // As a page does that sends a file.
          await until('there is room', () => channel.bufferedAmount < 1_000_000, { within: 30000, every: 2 });
          channel.send(piece.buffer);
        }
      };
      await Promise.all([send(alice, 1), send(carol, 2), hears(alice, count, 60000), hears(carol, count, 60000)]);
      const seconds = (performance.now() - began) / 1000;
      const after = [await sound(alice), await sound(carol)];
      for (const [caller, seed] of [[alice, 2], [carol, 1]]) {
        assert.equal(caller.heard.length, count);
        caller.heard.forEach(([, data], number) => {
          const piece = new Uint8Array(data);
          assert.equal(piece.length, size);
          assert.equal(new DataView(data).getUint32(0), number, 'out of order');
          assert.ok(piece.subarray(4).every((octet) => octet === (number + seed) % 256));
        });
      }
      console.log(`${(2 * count * size / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`);
      for (const side of [0, 1]) {
        const received = after[side].received - before[side].received;
        const lost = after[side].lost - before[side].lost;
        console.log(`audio meanwhile: ${received} packets, ${lost} lost`);
        assert.ok(lost <= 0.01 * received, `${lost} of ${received} audio packets were lost`);
        assert.ok(received > 0.8 * seconds * 50, `${received} packets in ${seconds} s`);
      }
      await end(alice, carol);
    });
  });
