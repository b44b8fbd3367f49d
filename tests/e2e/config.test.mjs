// SPDX-License-Identifier: LGPL-2.1-or-later
// A configuration with a mistake in it: the log says which, and Janus goes on without the plugin.
import test from 'node:test';
import assert from 'node:assert/strict';
import { describe, stop, stock, viaduct } from './federation.mjs';
import { againstStock } from './house.mjs';

const only = againstStock ? { skip: 'Janus has other keys' } : {};

const mistakes = [
  ['listen', 'somewhere', /ADDRESS:PORT/],
  ['signalling', '127.0.0.1:99999', /ADDRESS:PORT/],
  ['bootstrap', '127.0.0.1:1, nowhere', /ADDRESS:PORT/],
  ['ring_timeout', 'soon', /from 1 to 3600/],
  ['trunk_idle', '-1', /from 0 to 86400/],
  ['ring_timout', '30', /ring_timeout/],
];

async function plugins(server) {
  return Object.keys((await (await fetch(`${server.httpUrl}/info`)).json()).plugins);
}

for (const [key, value, accepted] of mistakes) {
  test(`${key} = "${value}" is named in the log with what is accepted`, only, async () => {
    const servers = describe({ size: 1, prefix: 'config/', general: { [key]: value } });
    const [server] = servers;
    try {
      await server.start();
      assert.deepEqual(await plugins(server), []);
      const line = server.logText().split('\n').find((each) => each.includes(key) && /ERR|FATAL/.test(each));
      assert.ok(line, `no error about ${key} in the log:\n${server.logTail()}`);
      assert.ok(line.includes(value.split(', ').pop()), line);
      assert.match(line, accepted);
    } finally {
      await stop(servers);
    }
  });
}

test('without a mistake the plugin is there, under its name', async () => {
  const plugin = againstStock ? stock : viaduct;
  const servers = describe({ size: 1, prefix: 'config/', plugin });
  try {
    await servers[0].start();
    assert.deepEqual(await plugins(servers[0]), [plugin]);
  } finally {
    await stop(servers);
  }
});
