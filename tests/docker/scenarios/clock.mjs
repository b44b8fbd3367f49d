// SPDX-License-Identifier: LGPL-2.1-or-later
import { call, found, oneAtEach } from '../people.mjs';
import { until } from '../../e2e/wait.mjs';

export const title = "one server's clock is ten minutes ahead or behind: all complain, nobody else's records are lost";

const library = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const wrong = (index) => index === 2;

export default async function ({ federation, clearUp, did, saw }) {
  for (const [offset, sign, how] of [['+10m', 1, 'ahead'], ['-10m', -1, 'behind']]) {
    const all = await federation({
      options: (index) => (wrong(index) ? ['--volume', `${library}:/faketime.so:ro`] : []),
      environment: (index) => (wrong(index)
        ? { LD_PRELOAD: '/faketime.so', FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' } : {}),
    });
    did(`one of them, server-c, has a clock that is 10 minutes ${how}`);
    const right = await oneAtEach(all.servers.filter((_, index) => !wrong(index)));
    saw(`those at the others found from each other after ${await found(right)} ms`);
    saw(`a call between the others has sound after ${await call(right[0], right[1])} ms`);

    const skewed = all.servers[2];
    const own = await until('server-c knows', async () => (await skewed.status())['clock-ahead'], { every: 200 });
    if (Math.abs(own - sign * 600) > 2) throw new Error(`its clock is said to be ${own} s ahead`);
    const [line] = await skewed.saidInLog(/clock-wrong/);
    saw(`its log says ${line?.replace(/^.*clock-wrong/, 'clock-wrong')}`);
    if (!line?.includes("this server's clock")) throw new Error('it does not complain of itself');
    for (const { server } of right) {
      const others = await until(`${server.name} knows`, async () => (await server.status())['clocks-wrong'], { every: 200 });
      if (Object.keys(others).join() !== skewed.id) throw new Error(`${server.name} complains of ${Object.keys(others)}`);
    }
    saw('the status of each other server names it');

    const who = await oneAtEach([skewed]).catch((error) => error);
    const told = who instanceof Error ? who.reason
      : await who[0].request({ request: 'lookup', username: right[0].name }).catch((error) => error.reason);
    saw(`whoever ${who instanceof Error ? 'registers' : 'looks somebody up'} there is told ${told}`);
    if (told !== 'clock-wrong') throw new Error('that is not the reason');
    saw(`those at the others found from each other after ${await found(right)} ms`);
    await clearUp();
  }
}
