// SPDX-License-Identifier: LGPL-2.1-or-later
import { call, found, oneAtEach } from '../people.mjs';

export const title = "one server's clock is ten minutes ahead; nobody else's records are lost";

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
  saw(`those at the others found from each other after ${await found(right)} ms`);
  saw(`a call between the others has sound after ${await call(people[0], people[1])} ms`);
  const ahead = people[2];
  const seen = await Promise.all(right.map((one) => found([one], { by: [ahead], within: 500 }).then(() => 1, () => 0)));
  saw(`whose clock is wrong finds ${seen.filter(Boolean).length} of them: to it the others' records are old`);
}
