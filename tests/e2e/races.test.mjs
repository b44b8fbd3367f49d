// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens at the same time: whatever the order, one outcome, told to both, and nothing is left behind.
import test from 'node:test';
import assert from 'node:assert/strict';
import { againstStock, house, plugin, withCallers } from './house.mjs';
import { Caller } from './caller.mjs';
import { connect, end, media, over } from './call.mjs';
import { backTo, holdings } from './leaks.mjs';
import { joined } from './federation.mjs';
import * as proc from './proc.mjs';
import { until } from './wait.mjs';

const only = againstStock ? { skip: 'VideoCall is one server' } : {};
// A trunk that is kept for nobody: every call builds its own.
const servers = house('races', { general: () => (againstStock ? {} : { trunk_idle: 0, ring_timeout: 6 }) });
const times = Number(process.env.VIADUCT_RACES ?? 5);

const result = ({ plugindata }) => plugindata.data.result ?? plugindata.data;

/// Nobody is in a call, and no lane is open.
async function calm(...where) {
  for (const server of where) {
    await until(`${server.name} is calm`, async () => {
      const { calls, lanes } = await server.status();
      return calls === 0 && lanes === 0;
    });
  }
}

/// The browser's half, and Janus's, of a call that may have begun.
async function forget(...callers) {
  for (const caller of callers) {
    const had = caller.pc;
    caller.endMedia();
    if (had) await caller.handle.core('hangup', { within: 3000 }).catch(() => {});
    caller.handle.inbox.kept = [];
  }
}

/// Both call; carol answers what rings. Whether the two then talk. Her offer and alice's may have met in one
/// PeerConnection of Janus, which has one for a handle: then neither can be answered, and both have to call again.
async function crossing(alice, carol) {
  await Promise.all([alice.prepare(), carol.prepare()]);
  const { type, sdp } = carol.pc.localDescription;
  const answered = alice.call('carol');
  carol.handle.send({ janus: 'message', body: { request: 'call', username: 'alice' }, jsep: { type, sdp } });
  if ((await answered.catch(() => ({}))).event !== 'calling') return false;
  await carol.ringing({ within: 4000 });
  const gaveWay = await carol.handle.event('hangup', { within: 2000,
    where: ({ reason_code: word }) => word === 'crossed' }).catch(() => undefined);
  if (!gaveWay) return false;
  await carol.handle.core('hangup');
  carol.endMedia();
  await carol.accept();
  await alice.accepted();
  await Promise.all([alice.connected(), carol.connected()]);
  await media(alice, carol, { packets: 5, frames: 1 });
  return true;
}

test('of two who call each other at once one call comes about, and nothing is left of the other', only, async () => {
  for (const [one, other] of [[servers[0], servers[2]], [servers[0], servers[0]]]) {
    await withCallers({ alice: one, carol: other }, async (alice, carol) => {
      let talked = 0;
      for (let time = 0; time < times; time++) {
        if (await crossing(alice, carol).catch(() => false)) talked++;
        await Promise.all([alice.hangup(), carol.hangup()]);
        await forget(alice, carol);
        await calm(one, other);
      }
      // At one server the second request mostly finds the first one's call, and is refused.
      assert.ok(talked > 0 || one === other, `none of ${times} times`);
    });
  }
});

test('who hangs up while it rings, on both sides at once, ends it once', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    for (let time = 0; time < times; time++) {
      const ringing = carol.ringing();
      await alice.call('carol');
      await ringing;
      const said = await Promise.allSettled([alice.hangup(), carol.request({ request: 'decline' })]);
      assert.equal(said[0].value?.event, 'hangup');
      assert.ok(said[1].value?.event === 'declined' || said[1].reason?.reason === 'no-call', String(said[1].reason));
      await forget(alice, carol);
      await calm(a, c);
    }
    await connect(alice, carol);
    await end(alice, carol);
  });
});

test('who hangs up while the trunk is built leaves none behind', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    for (let time = 0; time < times; time++) {
      await until('there is no trunk', async () => (await a.status()).trunks.length === 0);
      const ringing = carol.ringing();
      await alice.call('carol');
      await ringing;
      await carol.accept();
      await Promise.all(time % 3 === 0 ? [alice.hangup(), carol.hangup()] : [(time % 3 === 1 ? alice : carol).hangup()]);
      await forget(alice, carol);
      await calm(a, c);
    }
    await connect(alice, carol);
    await media(alice, carol);
    await end(alice, carol);
  });
});

test('who hangs up in the middle of a renegotiation ends the call on both sides', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    for (let time = 0; time < 3; time++) {
      await connect(alice, carol);
      await alice.pc.setLocalDescription(await alice.pc.createOffer({ iceRestart: true }));
      const { type, sdp } = alice.pc.localDescription;
      // Janus itself may refuse a description for what is being closed.
      alice.handle.send({ janus: 'message', body: { request: 'set' }, jsep: { type, sdp } });
      await Promise.all([[alice], [carol], [alice, carol]][time].map((each) => each.hangup()));
      await forget(alice, carol);
      await calm(a, c);
    }
  });
});

test('a browser that vanishes ends the call for the other, with a word', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    const told = carol.handle.event('hangup');
    alice.endMedia();
    assert.equal(result(await told).reason_code, 'media-lost');
    await forget(carol);
    await calm(a, c);
  });
});

test('a handle detached while somebody is looked up, invited or rung leaves nothing', only, async () => {
  const [a, , c] = servers;
  await withCallers({ carol: c }, async (carol) => {
    for (let time = 0; time < 4 * times; time++) {
      const alice = await Caller.at(a, plugin);
      try {
        await alice.register(`alice${time}`); // Janus says that a handle is detached before it tells the plugin
        await alice.prepare();
        const { type, sdp } = alice.pc.localDescription;
        alice.handle.send({ janus: 'message', body: { request: 'call', username: 'carol' }, jsep: { type, sdp } });
        alice.handle.send({ janus: 'message', body: { request: 'lookup', username: 'nobody' } });
        await new Promise((done) => { setTimeout(done, time % 4); });
        await alice.handle.detach();
      } finally {
        await alice.leave();
      }
    }
    await calm(a, c);
    await until('no alice is a user any more', async () => (await a.status()).users === 0);
    await forget(carol);
  });
});

test('requests that overtake each other are each answered once, and the handle goes on', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    const description = { type: 'offer', sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/SAVPF 111\r\n' };
    const bodies = [{ request: 'call', username: 'carol', media: 'direct', description },
      { request: 'candidate', candidate: null }, { request: 'set', audio: false }, { request: 'bridge' },
      { request: 'connected' }, { request: 'hangup' }, { request: 'lookup', username: 'carol' }, { request: 'list' }];
    const asked = [];
    for (let time = 0; time < 40; time++) for (const body of bodies) asked.push(alice.handle.request(body));
    await Promise.all(asked);
    await alice.hangup();
    await calm(a, c);
    await forget(alice, carol);
    await connect(alice, carol);
    await media(alice, carol);
    await end(alice, carol);
  });
});

test('a phone that nobody answers stops, and both are told', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    const ringing = carol.ringing();
    await alice.call('carol');
    await ringing;
    const told = [alice, carol].map((each) => each.handle.event('hangup'));
    for (const each of await Promise.all(told)) assert.equal(result(each).reason_code, 'timeout');
    await forget(alice, carol);
    await calm(a, c);
  });
});

test('a server killed with calls up is reported at the other within three seconds', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, anna: a, carol: c, clara: c }, async (alice, anna, carol, clara) => {
    await connect(alice, carol);
    await connect(anna, clara);
    const told = [alice, anna].map((each) => each.handle.event('hangup'));
    const began = performance.now();
    await c.kill();
    for (const each of await Promise.all(told)) assert.equal(result(each).reason_code, 'server-unreachable');
    assert.ok(performance.now() - began < 3000, `after ${performance.now() - began} ms`);
    await forget(alice, anna);
    await calm(a);
  });
  await c.restart();
  await joined(servers);
});

test('a thousand registrations leave nothing behind', only, async () => {
  const [a] = servers;
  const round = async (caller, name, count) => {
    for (let time = 0; time < count; time++) {
      await caller.register(`${name}${time}`);
      await caller.request({ request: 'unregister' });
    }
  };
  const callers = await Promise.all(Array.from({ length: 10 }, () => Caller.at(a, plugin)));
  try {
    const all = (prefix, count) => Promise.all(callers.map((each, index) => round(each, `${prefix}${index}x`, count)));
    await all('w', 20);
    const before = await holdings(a);
    const memory = proc.rssKiB(a.pid);
    await all('m', 100);
    await backTo(before, a);
    const grown = proc.rssKiB(a.pid) - memory;
    // Withdrawn names are remembered as long as their records might live elsewhere: about a kilobyte each. A
    // sanitizer holds what was freed back.
    assert.ok(grown < 4096 || process.env.VIADUCT_JANUS_PRELOAD, `${grown} KiB more`);
  } finally {
    await Promise.all(callers.map((each) => each.leave()));
  }
});
