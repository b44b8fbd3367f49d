// SPDX-License-Identifier: LGPL-2.1-or-later
// One user at several servers.
import test from 'node:test';
import assert from 'node:assert/strict';
import { house, withCallers } from './house.mjs';
import { connect, media, end, over } from './call.mjs';

const servers = house('places');

/// bob at two servers: registered at the first, and with what that told him at the second.
async function atBoth(office, home) {
  const { token } = await office.register('bob');
  assert.match(token, /^[0-9a-f]{64}$/);
  await home.register('bob', { token });
}

test('a call rings at both places, the first to accept has it, and the other is told', async () => {
  const [a, b, c] = servers;
  await withCallers({ alice: a, _office: b, _home: c }, async (alice, office, home) => {
    await atBoth(office, home);
    const both = Promise.all([office.ringing(), home.ringing()]);
    const said = await alice.call('bob');
    assert.equal(said.event, 'calling');
    assert.deepEqual(await both, ['alice', 'alice']);
    const elsewhere = office.handle.event('hangup');
    await home.accept();
    assert.equal(await alice.accepted(), 'bob');
    assert.equal((await elsewhere).plugindata.data.result.reason_code, 'answered-elsewhere');
    await Promise.all([alice.connected(), home.connected()]);
    await media(alice, home);
    await end(home, alice);
    await over(office);
  });
});

test('who moves to another server can be called all the time', async () => {
  const [a, b, c] = servers;
  await withCallers({ alice: a, _office: b, _home: c }, async (alice, office, home) => {
    await atBoth(office, home);
    await office.request({ request: 'unregister' });
    await connect(alice, home);
    await media(alice, home);
    await end(alice, home);
  });
});

test('who comes back before her old connection is given up has her name again, with the token', async () => {
  const [a, b] = servers;
  await withCallers({ alice: a, _before: b, _after: b, _stranger: b }, async (alice, before, after, stranger) => {
    const { token } = await before.register('bob');
    await assert.rejects(stranger.register('bob'), { code: 476, reason: 'name-taken' });
    await assert.rejects(stranger.register('bob', { token: 'f'.repeat(64) }), { code: 476, reason: 'name-taken' });
    const told = before.handle.event('unregistered');
    await after.register('bob', { token });
    assert.equal((await told).plugindata.data.result.reason_code, 'taken-over');
    await before.leave();
    await connect(alice, after); // the old handle's end has not taken the name with it
    await media(alice, after);
    await end(alice, after);
  });
});

test('without the token the name stays taken', async () => {
  const [, b, c] = servers;
  await withCallers({ _bob: b, _stranger: c }, async (bob, stranger) => {
    await bob.register('bob');
    await assert.rejects(stranger.register('bob'), { code: 476, reason: 'name-taken' });
    await assert.rejects(stranger.register('bob', { token: 'f'.repeat(64) }), { code: 476, reason: 'name-taken' });
  });
});
