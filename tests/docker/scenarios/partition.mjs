// SPDX-License-Identifier: LGPL-2.1-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { call, callUp, found, oneAtEach, over, person } from '../people.mjs';

export const title = 'three servers and two are cut off from each other, shortly and for longer, and healed';

async function cut(three, two) {
  await Promise.all([...three.flatMap((one) => two.map((other) => one.deafTo(other))),
    ...two.flatMap((one) => three.map((other) => one.deafTo(other)))]);
}

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const people = await oneAtEach(all.servers);
  const [a, b, c, d, e] = people;
  await found(people);
  const [three, two] = [[...all.servers.slice(0, 3), all.bootstrap], all.servers.slice(3)];
  const heal = async (after) => {
    await Promise.all([...three, ...two].map((each) => each.heal()));
    did(`healed it after ${after} s`);
  };
  const across = await callUp(a, d);
  const within = await callUp(b, c);

  await cut(three, two);
  did('cut the federation into three servers and two');
  await pause(8000); // the fault's length
  await heal(8);
  const began = performance.now();
  await across.stillUp({ within: 10000 });
  saw(`the call across goes on, sound and picture after ${Math.round(performance.now() - began)} ms`);
  saw(`everybody found from everywhere after ${await found(people)} ms`);

  await cut(three, two);
  did('cut it again');
  const reasons = await Promise.all([a, d].map((one) => one.handle.event('hangup', { within: 25000 })));
  saw(`the call across ended at both ends: ${reasons.map((each) => each.plugindata.data.result.reason_code)}`);
  await Promise.all([over(a), over(d)]);
  await within.stillUp();
  const small = await person('small', all.servers[3]);
  const large = await person('large', all.servers[0]);
  saw(`newcomers are found on their own sides after ${await found([e, small], { by: [d, e] })} and ` +
    `${await found([large], { by: [a, b, c] })} ms`);
  saw(`a call within the two has sound after ${await call(small, e)} ms`);

  await heal('some 20');
  saw(`everybody, also the newcomers, found from everywhere after ${await found([...people, small, large])} ms`);
  saw(`a call across has sound after ${await call(large, small)} ms`);
  await within.stillUp();
}
