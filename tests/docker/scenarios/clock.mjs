// SPDX-License-Identifier: LGPL-2.1-or-later
import { call, found, oneAtEach } from '../people.mjs';
import { until } from '../../e2e/wait.mjs';

export const title = "one server's clock is ten minutes ahead; it complains, and nobody else's records are lost";

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const wrong = (index) => index === 2;

export default async function ({ federation, did, saw }) {
  const all = await federation({
    options: (index) => (wrong(index) ? ['--volume', `${library}:/faketime.so:ro`] : []),
    environment: (index) => (wrong(index)
      ? { LD_PRELOAD: '/faketime.so', FAKETIME: '+10m', FAKETIME_DONT_FAKE_MONOTONIC: '1' } : {}),
  });
  did('one of them, server-c, has a clock that is 10 minutes ahead');
  const people = await oneAtEach(all.servers);
  const right = people.filter((_, index) => !wrong(index));
  saw(`those at the others found from everywhere after ${await found(right, { by: people })} ms`);
  saw(`a call between the others has sound after ${await call(people[0], people[1])} ms`);
  const [complaint] = await until('server-c complains', async () => {
    const lines = await all.servers[2].saidInLog(/clock/);
    return lines.length && lines;
  }, { within: 15000, every: 500 });
  saw(`its log: ${complaint}`);
}
