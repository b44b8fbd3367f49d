// SPDX-License-Identifier: LGPL-2.1-or-later
// Those who publish from one server, in a process of their own: what happens to others does not make them stammer.
import { viaduct } from '../../tests/e2e/federation.mjs';
import { serve } from './helper.mjs';
import { Publisher } from './people.mjs';
import { Camera } from './picture.mjs';

// As cheap as libwebrtc makes it: it sends two sizes of a picture of this one.
const picture = { width: 480, height: 270, rate: 3, noise: 0 };
const media = { soundEvery: 60,
  encodings: [{ rid: 'h', maxBitrate: 150_000 }, { rid: 'l', scaleResolutionDownBy: 2, maxBitrate: 50_000 }] };

const cameras = new Map(), publishers = new Map(); // by number
let room;

async function publish(url, number) {
  publishers.set(number, await Publisher.at({ url }, viaduct, room, number, { camera: cameras.get(number), ...media }));
}

const each = (task) => Promise.all([...publishers].map(([number, publisher]) => task(publisher, number)));

serve({
  async come({ url, numbers, at }) {
    room = at;
    await Promise.all(numbers.map((number) => {
      if (!cameras.has(number)) cameras.set(number, new Camera(number, picture));
      return publish(url, number);
    }));
  },
  /// Their server is gone.
  async drop() { await each((publisher) => publisher.drop()); },
  async leave() { await each((publisher) => publisher.leave()); },
  /// Once all are told that their server is drained: where to go instead.
  async told() {
    const events = await Promise.all([...publishers.values()].map(({ handle }) =>
      handle.inbox.take('that it is drained', ({ plugindata }) => plugindata?.data?.draining === true, 5000)));
    return events[0].plugindata.data.alternates;
  },
  /// To another server, and only then away from the one before.
  async move({ url }) {
    await each(async (before, number) => {
      await publish(url, number);
      await before.leave();
    });
  },
});
