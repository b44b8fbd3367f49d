// SPDX-License-Identifier: LGPL-2.1-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { call, callUp, found, oneAtEach } from '../people.mjs';

export const title = 'one server does not hear another for 10 s, but is heard by it; calls go on';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const people = await oneAtEach(all.servers);
  const [a, b, c, d, e] = people;
  await found(people);
  const here = await callUp(a, c);
  const other = await callUp(b, d);

  await all.servers[0].deafTo(all.servers[2]);
  did('made server-a deaf to server-c');
  await pause(3000);
  await other.stillUp();
  saw(`server-e is found from both after ${await found([e], { by: [a, c] })} ms`);
  await pause(5000); // with what went before, the fault's length
  await all.servers[0].heal();
  did('healed it after 10 s');
  const began = performance.now();
  await here.stillUp({ within: 10000 });
  saw(`sound and picture in the call between them after ${Math.round(performance.now() - began)} ms`);
  await other.stillUp();
  saw(`everybody found from everywhere after ${await found(people)} ms`);
  void call;
}
