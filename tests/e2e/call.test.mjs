// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls between people at two servers that know each other only through a third.
import test from 'node:test';
import { house, withCallers } from './house.mjs';
import { connect, media, end, leftOpen } from './call.mjs';
import { holdings, backTo } from './leaks.mjs';

const servers = house('call');
const callsInARow = 50, warmUp = 3;

test('audio and video flow in both directions and the caller hangs up', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol, { packets: 100, frames: 20 });
    await end(alice, carol);
  });
});

test('the callee hangs up and the caller is told', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol);
    await end(carol, alice);
  });
});

test('a reason given when hanging up reaches the other side', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(carol, alice);
    await media(alice, carol);
    await end(carol, alice, { reason: 'The soup is burning' });
  });
});

test('the servers close their media without help from the browsers', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await end(alice, carol, { closes: leftOpen });
  });
});

test('two people at the same server call each other', async () => {
  await withCallers({ alice: servers[0], anna: servers[0] }, async (alice, anna) => {
    await connect(alice, anna);
    await media(alice, anna);
    await end(anna, alice);
  });
});

test('two calls at once between the same servers do not disturb each other', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c, anna: a, chris: c }, async (alice, carol, anna, chris) => {
    await connect(alice, carol);
    await connect(chris, anna);
    await Promise.all([media(alice, carol), media(chris, anna)]);
    await end(alice, carol);
    await media(chris, anna);
    await end(anna, chris);
  });
});

test(`${callsInARow} calls in a row succeed and leave nothing behind`, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    const once = async (number) => {
      const [from, to] = number % 2 ? [alice, carol] : [carol, alice];
      await connect(from, to);
      await media(from, to, { packets: 6, frames: 1 });
      await (number % 4 < 2 ? end(from, to) : end(to, from));
    };
    // The first calls make the trunk and Janus's worker threads, which stay.
    for (let number = 0; number < warmUp; number++) await once(number);
    const before = [await holdings(a), await holdings(c)];
    for (let number = 0; number < callsInARow; number++) {
      try {
        await once(number);
      } catch (error) {
        throw new Error(`call ${number + 1} of ${callsInARow}`, { cause: error });
      }
    }
    await backTo(before[0], a);
    await backTo(before[1], c);
  });
});
