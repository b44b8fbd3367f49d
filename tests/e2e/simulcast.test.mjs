// SPDX-License-Identifier: LGPL-2.1-or-later
// Chromium sends three sizes of its picture; the callee's server lets the one through that the callee wants.
import test from 'node:test';
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { againstStock, house, plugin, withCallers } from './house.mjs';
import { connect, end } from './call.mjs';
import { choose, layers, sees, told } from './layers.mjs';
import { PageCaller, Pages } from './page-caller.mjs';
import { until } from './wait.mjs';

const only = againstStock ? { skip: 'its answer gives up layers that have names' } : {};
let pages;
const servers = house('simulcast', {
  prepare: async () => { pages = await Pages.open('simulcast'); },
  finish: () => pages?.close(),
});

for (const [where, callee] of [['two servers', 2], ['one server', 0]]) {
  test(`the callee chooses among three layers, across ${where}`, only, async () => {
    await withCallers({ alice: () => PageCaller.at(servers[0], plugin, pages, layers), carol: servers[callee] },
      async (alice, carol) => {
        await connect(alice, carol);
        await told(carol, 'substream', 2, 30000); // when Chromium has found that there is room
        await sees(carol, 2, 15000);
        const took = [];
        for (const substream of [0, 2, 1, 0, 1, 2]) took.push(Math.round(await choose(carol, substream)));
        console.log(`switching took ${took.join(', ')} ms`);

        // What is there already is told at once, as VideoCall does.
        await carol.request({ request: 'set', substream: 2 });
        await told(carol, 'substream', 2);

        const rate = async () => {
          const before = carol.frames;
          await pause(2000);
          return carol.frames - before;
        };
        // More than once: Chromium also leaves out pictures when the machine is slow.
        await until('fewer pictures come with one temporal layer than with three', async () => {
          const pictures = [];
          for (const temporal of [0, 2]) {
            await carol.request({ request: 'set', temporal });
            await told(carol, 'temporal', temporal);
            pictures.push(await rate());
          }
          assert.ok(pictures[0] > 0 && pictures[0] < 0.7 * pictures[1], `${pictures} in two seconds each`);
          return true;
        }, { within: 30000 });
        await end(alice, carol);
      });
  });
}
