// SPDX-License-Identifier: LGPL-2.1-or-later
// How long it takes from subscribing to the first picture, and from `switch` to the first of the other feed.
import { Viewer } from './people.mjs';
import { room } from './ways.mjs';

const patience = 5000; // a picture that is not here by then does not come

/// Somebody comes, sees one publisher whom nobody else there watches, and goes.
export async function firstPicture(way, number) {
  const viewer = await Viewer.at(way.to, way.plugin);
  try {
    const feed = await way.member.feed(number);
    const [seen] = await Promise.all([viewer.sees(number), viewer.subscribe(room, [{ feed }])]);
    return seen - viewer.began;
  } finally {
    await viewer.leave();
  }
}

/// One who watches changes among feeds that nobody else watches; `times` times, each to the next.
export async function switches(way, numbers, times, progress) {
  const result = { took: [], wrong: 0, late: 0 };
  const viewer = await Viewer.at(way.to, way.plugin);
  let from = numbers[0], to = numbers[0], arrived = true;
  viewer.onpicture = (number) => {
    if (number === to) arrived = true;
    else if (number !== from || arrived) result.wrong++; // nobody's, another's, or the one before again
  };
  try {
    const feeds = await Promise.all(numbers.map((number) => way.member.feed(number)));
    await Promise.all([viewer.sees(to), viewer.subscribe(room, [{ feed: feeds[0], mid: '1' }])]);
    const [{ mid }] = viewer.lines;
    for (let time = 1; time <= times; time++) {
      const next = time % numbers.length;
      [from, to, arrived] = [to, numbers[next], false];
      const began = performance.now();
      const seen = viewer.sees(to, patience).catch(() => began + patience);
      await viewer.request({ request: 'switch', streams: [{ feed: feeds[next], mid: '1', sub_mid: mid }] });
      result.took.push(await seen - began);
      if (time % 50 === 0) progress(`${time} of ${times} switches`);
    }
    result.lost = (await viewer.received()).reduce((sum, each) => sum + each.lost, 0);
  } finally {
    await viewer.leave();
  }
  return result;
}
