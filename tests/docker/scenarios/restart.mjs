// SPDX-License-Identifier: LGPL-2.1-or-later
import { back, call, callUp, found, gone, oneAtEach, over } from '../people.mjs';

export const title = 'a server with calls up is stopped; it says goodbye, withdraws its users, and comes back';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const [a, b, c, d, e] = await oneAtEach(all.servers);
  await found([a, b, c, d, e]);
  await callUp(a, c);
  const other = await callUp(b, d);

  const told = a.handle.event('hangup', { within: 10000 });
  const code = await all.servers[2].stop();
  const within = Math.round(all.servers[2].stoppedWithin);
  did(`stopped server-c: exit code ${code} after ${within} ms`);
  if (code !== 0 || within > 3000) throw new Error('it did not stop cleanly within 3 s');
  const word = (await told).plugindata.data.result.reason_code;
  saw(`the other side of its call told ${word}`);
  // Janus ends its clients' sessions before it tells the plugin that it stops.
  if (word !== 'shutting-down' && word !== 'media-lost') throw new Error(`told ${word}`);
  await over(a);
  gone(c);
  const refused = await e.call('userc').then(() => 'nothing', (error) => error.reason);
  e.endMedia();
  saw(`who calls its user is told ${refused}`);
  if (refused !== 'unknown-user') throw new Error('its record was not withdrawn');
  await other.stillUp();

  await all.servers[2].startAgain();
  await all.servers[2].answers();
  did('started server-c again');
  const again = await back(c);
  saw(`everybody found from everywhere after ${await found([a, b, again, d, e])} ms`);
  saw(`and a call to it has sound after ${await call(a, again)} ms`);
}
