// SPDX-License-Identifier: LGPL-2.1-or-later
import { setTimeout as pause } from 'node:timers/promises';
import { call, found, gone, oneAtEach, person } from '../people.mjs';
import { until } from '../../e2e/wait.mjs';

export const title = 'all servers are restarted one by one while somebody is called every second';

/// A client of somebody who registers again whenever the server went away.
async function keepRegistered(name, server, state) {
  while (!state.done) {
    try {
      state.person = await person(name, server, state.token ? { token: state.token } : {});
      state.token = state.person.token;
      state.since = performance.now();
      await state.person.session.closed;
    } catch { /* not there yet */ }
    const { person: was } = state;
    state.person = undefined;
    if (was) gone(was);
    await pause(100);
  }
}

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const clients = all.servers.map(() => ({}));
  const names = all.servers.map((server) => server.name.replace('server-', 'user'));
  const keeping = all.servers.map((server, index) => keepRegistered(names[index], server, clients[index]));
  await until('all are registered', () => clients.every((client) => client.person), { within: 10000 });
  await found(clients.map((client) => client.person));

  // An attempt may fail while one of the two registers again, and for nothing else.
  const failures = [];
  let calls = 0, excused = 0, restarting = true;
  const calling = (async () => {
    for (let number = 0; restarting; number++) {
      const [from, to] = [clients[number % 5], clients[(number + 2) % 5]].map((client) => client.person);
      const began = performance.now();
      try {
        if (!from || !to) throw new Error('registers again');
        const cut = Promise.race([from, to].map((one) => one.session.closed));
        await Promise.race([call(from, to, { packets: 4, frames: 1 }),
          cut.then(() => { throw new Error('a client lost its server'); })]);
        calls++;
      } catch (error) {
        const registering = [from, to].some((one) => !one || one.session.lost);
        if (registering) excused++;
        else failures.push(`${from.name} to ${to.name}: ${error.reason ?? error.message}`);
        for (const one of [from, to]) one?.session.drop(); // whatever it was in the middle of
      }
      await pause(Math.max(0, 1000 - (performance.now() - began)));
    }
  })();

  for (const server of all.servers) {
    await server.stop();
    did(`stopped ${server.name} after ${Math.round(server.stoppedWithin)} ms`);
    await server.startAgain();
    await server.answers();
    const client = clients[all.servers.indexOf(server)];
    const up = performance.now();
    await until(`the client of ${server.name} is registered again`, () => client.person, { within: 10000 });
    saw(`its client was registered again ${Math.round(performance.now() - up)} ms after it answered`);
    await found(clients.map((each) => each.person).filter(Boolean));
    await pause(2000);
  }
  restarting = false;
  await calling;
  saw(`${calls} calls, ${excused} attempts while somebody registered again, ${failures.length} other failures`);
  await until('all are registered again', () => clients.every((client) => client.person), { within: 10000 });
  saw(`everybody found from everywhere after ${await found(clients.map((client) => client.person))} ms`);
  clients.forEach((client) => { client.done = true; gone(client.person); });
  await Promise.all(keeping);
  if (failures.length) throw new Error(failures.join('; '));
}
