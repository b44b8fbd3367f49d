// SPDX-License-Identifier: LGPL-2.1-or-later
// Data channels across servers: text and binary, in order, and many of them while the call goes on.
import test from 'node:test';
import assert from 'node:assert/strict';
import { againstStock, house, withCallers } from './house.mjs';
import { connect, end, media } from './call.mjs';
import { fileBytes, getFile, hears, open, sendFile, sound, watch } from './channels.mjs';

const servers = house('data');

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
    await withCallers({ alice: a, carol: c }, async (alice, carol) => {
      watch(alice);
      watch(carol);
      await connect(alice, carol);
      await Promise.all([open(alice), open(carol)]);
      await media(alice, carol);
      const before = [await sound(alice), await sound(carol)];
      const began = performance.now();
      await Promise.all([sendFile(alice, 1), sendFile(carol, 2), getFile(alice, 2), getFile(carol, 1)]);
      const seconds = (performance.now() - began) / 1000;
      const after = [await sound(alice), await sound(carol)];
      console.log(`${(2 * fileBytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`);
      for (const side of [0, 1]) {
        const received = after[side].received - before[side].received;
        const lost = after[side].lost - before[side].lost;
        console.log(`audio meanwhile: ${received} packets, ${lost} lost`);
        // A hundred packets go by in this time; the share of lost ones is for the benchmark call-data to find.
        assert.ok(lost <= 3 + 0.01 * received, `${lost} of ${received} audio packets were lost`);
        assert.ok(received > 0.8 * seconds * 50, `${received} packets in ${seconds} s`);
      }
      await end(alice, carol);
    });
  });
