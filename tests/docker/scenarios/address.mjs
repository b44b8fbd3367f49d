// SPDX-License-Identifier: LGPL-2.1-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { back, call, callUp, found, oneAtEach } from '../people.mjs';

export const title = 'a server loses its network, and has it back, then with another address';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  let [a, b, c, d, e] = await oneAtEach(all.servers);
  await found([a, b, c, d, e]);
  const moved = all.servers[2];
  const other = await callUp(b, d);

  const here = await callUp(a, c);
  await moved.disconnect();
  did('took the network from server-c');
  await pause(5000); // the fault's length
  await moved.connect();
  did('gave it back after 5 s');
  const began = performance.now();
  await here.stillUp({ within: 15000 });
  saw(`sound and picture in its call after ${Math.round(performance.now() - began)} ms`);
  saw(`everybody found from everywhere after ${await found([a, b, c, d, e])} ms`);
  a = await back(a);

  await moved.disconnect();
  did('took the network from server-c');
  await pause(3000);
  await moved.connect(50);
  did('gave it back with another address');
  await moved.answers();
  c = await back(c); // Janus keeps the old client's session for a minute; the token moves the name from it
  saw(`everybody found from everywhere after ${await found([a, b, c, d, e])} ms`);
  saw(`a call to it has sound after ${await call(a, c)} ms, one from it after ${await call(c, e)} ms`);
  await other.stillUp();
}
