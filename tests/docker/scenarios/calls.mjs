// SPDX-License-Identifier: LGPL-2.1-or-later
import { call, found, oneAtEach } from '../people.mjs';
import { backTo, holdings } from '../../e2e/leaks.mjs';

export const title = 'somebody at each server calls somebody at each other one, over IPv4 and over IPv6';

export default async function ({ federation, clearUp, saw }) {
  for (const six of [false, true]) {
    const all = await federation({ six });
    const people = await oneAtEach(all.servers);
    saw(`everybody found from everywhere after ${await found(people)} ms`);
    const everybodyToTheNext = async (distance) => {
      const took = [];
      for (const [index, from] of people.entries()) {
        took.push(await call(from, people[(index + distance) % people.length]));
      }
      return took;
    };
    const took = [...await everybodyToTheNext(1), ...await everybodyToTheNext(2)];
    saw(`${took.length} pairs talked; first sound after ${took.join(', ')} ms`);

    // Trunks and links are there now; what comes later must go again.
    const before = await Promise.all(all.servers.map(holdings));
    await everybodyToTheNext(3);
    await everybodyToTheNext(4);
    await Promise.all(all.servers.map((server, index) => backTo(before[index], server)));
    saw('and back the other way round; no descriptor, thread, session or lane was left');
    await clearUp();
  }
}
