// SPDX-License-Identifier: LGPL-2.1-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { callUp, found, oneAtEach } from '../people.mjs';

export const title = 'a server stands still for 10 s, as when its machine is moved; its calls go on';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const people = await oneAtEach(all.servers);
  const [a, b, c, d] = people;
  await found(people);
  const here = await callUp(a, c);
  const other = await callUp(b, d);

  await all.servers[2].pause();
  did('paused server-c');
  await pause(10000); // the fault's length
  await other.stillUp();
  await all.servers[2].unpause();
  did('let it go on after 10 s');
  const began = performance.now();
  await here.stillUp({ within: 10000 });
  saw(`sound and picture in its call after ${Math.round(performance.now() - began)} ms`);
  await other.stillUp();
  saw(`everybody found from everywhere after ${await found(people)} ms`);
}
