// SPDX-License-Identifier: LGPL-2.1-or-later
import { found, oneAtEach } from '../people.mjs';

export const title = 'five servers know each other from one address, also when nobody is there any more';

export default async function ({ federation, did, saw }) {
  const all = await federation();
  const people = await oneAtEach(all.servers);
  saw(`everybody found from everywhere after ${await found(people)} ms`);

  await all.bootstrap.kill();
  did('killed the bootstrap node');
  saw(`everybody found from everywhere after ${await found(people)} ms`);

  for (const known of [...all.servers]) {
    const began = performance.now();
    const sixth = await all.add({ from: [known] });
    await all.joined();
    saw(`a sixth that knows only ${known.name} is in after ${Math.round(performance.now() - began)} ms`);
    const [somebody] = await oneAtEach([sixth]);
    saw(`and finds and is found after ${await found([...people, somebody], { by: [somebody, people[0]] })} ms`);
    await sixth.stop();
    await all.remove(sixth);
  }
}
