// SPDX-License-Identifier: LGPL-2.1-or-later
// Rooms for which Janus signs tokens: at the server that made them and at others, which may sign or not.
import test from 'node:test';
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { againstStock, house, plugin } from './house.mjs';
import { Session } from './client.mjs';

const secret = 'of all servers of the test';
const room = 'closed';
const signs = { core: { token_auth: true, token_auth_secret: secret } };
const servers = house('tokens', { each: (index) => (index < 2 ? signs : {}) });

/// As Janus's documentation has it: when it ends, for whom, and for what.
function token(realm, ...descriptors) {
  const data = [Math.floor(Date.now() / 1000) + 60, realm, ...descriptors].join();
  return `${data}:${crypto.createHmac('sha1', secret).update(data).digest('base64')}`;
}

async function withHandle(server, task) {
  const session = await Session.open(server.url, { token: token('janus', plugin) });
  try {
    const handle = await session.attach(plugin);
    return await task(handle);
  } finally {
    await session.close();
  }
}

async function join(server, shown) {
  return withHandle(server, async (handle) => {
    const body = { request: 'join', ptype: 'publisher', room, ...(shown && { token: shown }) };
    const { plugindata: { data } } = await handle.request(body, { within: 10_000 });
    return data.error_code ? `${data.error_code} ${data.reason}` : data.videoroom;
  });
}

test('a room lets in whom Janus has signed a token for it, at every server', { skip: againstStock }, async () => {
  await withHandle(servers[0], async (handle) => {
    const transaction = handle.send({ janus: 'message', body: { request: 'create', room, federated: true, signed_tokens: true } });
    await handle.inbox.take('that the room is made', (each) => each.transaction === transaction && each.janus === 'success');
    const right = token(plugin, `room=${room}`);
    for (const server of servers.slice(0, 2)) {
      assert.equal(await join(server), '433 wrong-token');
      assert.equal(await join(server, token(plugin, 'room=another')), '433 wrong-token');
      assert.equal(await join(server, token('janus.plugin.videoroom', `room=${room}`)), '433 wrong-token');
      assert.equal(await join(server, right.replace(/.....$/, 'AAAA=')), '433 wrong-token');
      assert.equal(await join(server, right), 'joined');
    }
    assert.equal(await join(servers[2], right), '433 tokens-not-signed');
  });
});
