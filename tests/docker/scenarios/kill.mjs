// SPDX-License-Identifier: LGPL-2.1-or-later
import { back, call, callUp, found, gone, oneAtEach, over, toldWithin } from '../people.mjs';
import { soon } from '../../e2e/wait.mjs';

export const title = 'a server with calls up is killed; the others are told, and it comes back';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const [a, b, c, d, e] = await oneAtEach(all.servers);
  await found([a, b, c, d, e]);
  const lost = await callUp(a, c);
  const other = await callUp(b, d);

  const began = performance.now();
  const told = a.hungUp({ within: toldWithin });
  await all.servers[2].kill();
  did('killed server-c, where a call with server-a is up');
  const reason = await soon('the caller is told', told, toldWithin);
  const after = Math.round(performance.now() - began);
  saw(`the other side told after ${after} ms: ${reason}`);
  await over(a);
  await other.stillUp();
  saw('the call between two others goes on');
  gone(c);
  const refused = await e.call('userc').then(() => 'nothing', (error) => error.reason);
  saw(`who calls the dead server's user is told ${refused}`);
  if (refused !== 'server-unreachable' && refused !== 'unknown-user') throw new Error(`told ${refused}`);
  e.endMedia();

  await all.servers[2].startAgain();
  await all.servers[2].answers();
  did('started server-c again');
  const again = await back(c);
  saw(`everybody found from everywhere after ${await found([a, b, again, d, e])} ms`);
  saw(`and a call to it has sound after ${await call(a, again)} ms`);
  await other.stillUp();
  void lost;
}
