// SPDX-License-Identifier: LGPL-2.1-or-later
// Every call that cannot be made ends within five seconds, with VideoCall's error code or a reason, and
// leaves nothing behind.
import test from 'node:test';
import assert from 'node:assert/strict';
import { againstStock, house, withCallers } from './house.mjs';
import { connect, end, over } from './call.mjs';
import { holdings, backTo } from './leaks.mjs';
import { joined } from './federation.mjs';

const servers = house('errors');
const patience = 5000;
const only = againstStock ? { skip: 'Janus has no federation' } : {};

const refuses = (request, code, more = {}) => assert.rejects(request, (error) => {
  assert.equal(error.code, code, error.stack);
  for (const [key, value] of Object.entries(more)) assert.equal(error[key], value, error.message);
  assert.ok(error.message, 'an error without a sentence');
  return true;
});

/// The same thing some times over: what is held after the first ones may be held after the last. The
/// first ones make Janus's worker threads and, where one is needed, the trunk.
async function leavesNothing(server, times, action, options) {
  for (let time = 0; time < 3; time++) await action();
  const before = await holdings(server);
  for (let time = 0; time < times; time++) await action();
  await backTo(before, server, options);
}

test('calling somebody unknown is answered with 478', async () => {
  await withCallers({ alice: servers[0] }, async (alice) => {
    await leavesNothing(servers[0], 5, async () => {
      await refuses(alice.call('nobody', { within: patience }), 478);
      await over(alice);
    });
  });
});

test('calling yourself is answered with 479', async () => {
  await withCallers({ alice: servers[0] }, async (alice) => {
    await leavesNothing(servers[0], 5, async () => {
      await refuses(alice.call('alice', { within: patience }), 479);
      await over(alice);
    });
  });
});

test('a busy callee ends the call with "User busy" and is not disturbed', async () => {
  const [a, b, c] = servers;
  await withCallers({ alice: a, carol: c, bob: b }, async (alice, carol, bob) => {
    await connect(alice, carol);
    await leavesNothing(b, 5, async () => {
      const said = await bob.call('carol', { within: patience });
      // Across servers the phone may have been said to ring before its owner was found busy.
      const reason = said.event === 'hangup' ? said.reason : await bob.hungUp({ within: patience });
      assert.equal(reason, 'User busy');
      await over(bob);
    });
    await Promise.all([alice.hears(), carol.hears()]);
    await end(alice, carol);
  });
});

test('a name taken at the same server is refused with 476', async () => {
  const [a] = servers;
  await withCallers({ alice: a, _second: a }, async (alice, second) => {
    await refuses(second.register('alice'), 476);
    await assert.rejects(second.register('alice'), /already taken/);
  });
});

test('a name taken anywhere in the federation is refused with 476', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, _second: c }, async (alice, second) => {
    await refuses(second.register('alice'), 476);
    await assert.rejects(second.register('alice'), /already taken/);
    await second.register('alexander');
  });
});

test('a name is free again when its owner has left', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a }, async () => {});
  await withCallers({ alice: c }, async () => {});
});

test('a declined call ends at the caller', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    const ringing = carol.ringing();
    await alice.call('carol');
    await ringing;
    await carol.hangup();
    assert.ok(await alice.hungUp({ within: patience }));
  });
});

test('a call given up while it rings ends at the callee', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    const ringing = carol.ringing();
    await alice.call('carol');
    await ringing;
    await alice.hangup();
    assert.ok(await carol.hungUp({ within: patience }));
  });
});

test('requests that make no sense have the codes of VideoCall', async () => {
  await withCallers({ _nobody: servers[0], alice: servers[0], anna: servers[0] }, async (nobody, alice) => {
    await refuses(nobody.request({ request: 'nonsense' }), 472);
    await refuses(nobody.request({ request: 'call', username: 'alice' }), 473);
    await refuses(alice.request({ request: 'call', username: 5 }), 474);
    await refuses(alice.request({ request: 'call' }), 475);
    await refuses(alice.request({ request: 'register', username: 'again' }), 477);
    await refuses(alice.request({ request: 'accept' }), 481);
    await refuses(alice.request({ request: 'call', username: 'anna' }), 482);
  });
});

test('a callee whose server dies while it rings is given up with a reason', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, chris: c }, async (alice, chris) => {
    const ringing = chris.ringing();
    await alice.call('chris');
    await ringing;
    await c.kill();
    assert.ok(await alice.hungUp({ within: patience }));
    alice.endMedia();
  });
  await c.restart();
  await joined(servers);
});

test('a callee whose server has died is answered with 478 and server-unreachable', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, clara: c }, async (alice) => {
    await c.kill();
    await leavesNothing(a, 3, async () => {
      await refuses(alice.call('clara', { within: patience }), 478, { reason: 'server-unreachable' });
      await over(alice);
    }, { within: 25000 }); // a trunk begun in vain is given up after 15 s
  });
  await c.restart();
  await joined(servers);
});
