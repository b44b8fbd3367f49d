// SPDX-License-Identifier: LGPL-2.1-or-later
import { call, callUp, found, oneAtEach } from '../people.mjs';

export const title = 'each server loses 5 % of what the others send; calls go on and new ones come about';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const people = await oneAtEach(all.servers);
  await found(people);
  const up = [await callUp(people[0], people[2]), await callUp(people[1], people[3])];

  await Promise.all(all.containers.map((each) => each.loses(0.05)));
  did('made every container lose 5 % of what it gets from others');
  saw(`everybody found from everywhere after ${await found(people)} ms`);
  const newcomer = await oneAtEach([all.servers[4]]).catch((error) => error.reason);
  if (newcomer !== 'name-taken') throw new Error('a name was given twice');
  const took = [];
  for (let round = 0; round < 3; round++) took.push(await call(people[4], people[2]).catch((error) => error.reason));
  saw(`calls to somebody who is in one: ${took.join(', ')}`);
  await Promise.all(up.map((each) => each.stillUp({ packets: 100, within: 20000 })));
  saw('the calls that were up go on');

  await Promise.all(all.containers.map((each) => each.heal()));
  did('healed it');
  saw(`everybody found from everywhere after ${await found(people)} ms`);
  await Promise.all(up.map((each) => each.stillUp()));
}
