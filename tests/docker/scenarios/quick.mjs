// SPDX-License-Identifier: LGPL-2.1-or-later
import { back, call, callUp, found, gone, oneAtEach, over, toldWithin } from '../people.mjs';

export const title = 'servers find each other from one address, carry calls, and outlive it and one of them';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const [a, b, c, d, e] = await oneAtEach(all.servers);
  saw(`everybody found from everywhere after ${await found([a, b, c, d, e])} ms`);
  await all.bootstrap.kill();
  did('killed the bootstrap node');
  saw(`a call has sound after ${await call(a, b)} ms`);

  await callUp(a, c);
  const other = await callUp(b, d);
  const began = performance.now();
  const told = a.hungUp({ within: toldWithin });
  await all.servers[2].kill();
  did('killed server-c, where a call with server-a is up');
  await told;
  saw(`the other side told after ${Math.round(performance.now() - began)} ms`);
  await over(a);
  await other.stillUp();
  saw('the call between two others goes on');

  gone(c);
  await all.servers[2].startAgain();
  await all.servers[2].answers();
  did('started server-c again');
  const again = await back(c);
  saw(`everybody found from everywhere after ${await found([a, b, again, d, e])} ms`);
  saw(`and a call to it has sound after ${await call(e, again)} ms`);
}
