// SPDX-License-Identifier: LGPL-2.1-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { attendee, gone, roster, watch } from '../people.mjs';

export const title = 'a room at five servers, one of which is killed, then paused, then cut off with another';

const room = 'team';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const [, , c, d, e] = all.servers;
  const ann = await attendee('ann', all.servers[0], room, { makes: true, publishes: true });
  const ben = await attendee('ben', all.servers[1], room);
  let cleo = await attendee('cleo', c, room, { publishes: true });
  const dora = await attendee('dora', d, room, { publishes: true });
  const emil = await attendee('emil', e, room);
  const everybody = () => [ann, ben, cleo, dora, emil];
  saw(`the roster right at all servers after ${await roster(everybody())} ms`);
  saw(`watching takes ${await watch(ben, ann)} ms, and ${await watch(emil, cleo)} ms`);

  await c.kill();
  did('killed server-c, where cleo is');
  saw(`the others without her after ${await roster([ann, ben, dora, emil], undefined, { within: 3000 })} ms`);
  await ben.sees();
  saw('who watches somebody else goes on watching');
  gone(cleo);
  await c.startAgain();
  await c.answers();
  cleo = await attendee('cleo', c, room, { publishes: true });
  did('started server-c again, where cleo joins');
  saw(`the roster right at all servers after ${await roster(everybody())} ms; emil sees her after ${await watch(emil, cleo)} ms`);

  await c.pause();
  did('paused server-c');
  await pause(10000); // the fault's length
  saw(`the others without cleo after ${await roster([ann, ben, dora, emil])} ms more`);
  await c.unpause();
  did('let it go on after 10 s');
  saw(`the roster right at all servers after ${await roster(everybody())} ms; emil sees her after ${await watch(emil, cleo)} ms`);

  const [three, two] = [[...all.servers.slice(0, 3), all.bootstrap], [d, e]];
  for (const seconds of [5, 20]) {
    await Promise.all(three.flatMap((one) => two.flatMap((other) => [one.deafTo(other), other.deafTo(one)])));
    did(`cut off server-d and server-e, where dora and emil are`);
    await pause(seconds * 1000); // the fault's length
    saw(`each side has its own roster after ${await roster([ann, ben, cleo])} and ${await roster([dora, emil])} ms more`);
    await ben.sees();
    await Promise.all([...three, ...two].map((each) => each.heal()));
    did(`healed it after ${seconds} s`);
    saw(`the roster right at all servers after ${await roster(everybody())} ms; emil sees cleo after ${await watch(emil, cleo)} ms`);
  }

  [ann, ben, cleo, dora].forEach(gone);
  saw(`when the others have gone without a word, emil is alone after ${await roster([emil])} ms`);
}
