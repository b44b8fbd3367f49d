// SPDX-License-Identifier: LGPL-2.1-or-later
// A closed federation: members call each other, others are nobody, and who is revoked is out.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { againstStock, withCallers } from './house.mjs';
import { describe, joined, stop } from './federation.mjs';
import { connect, end, over } from './call.mjs';
import { runs, build } from './where.mjs';
import { until } from './wait.mjs';

const only = againstStock ? { skip: 'Janus has no federation' } : {};
const viaduct = process.env.VIADUCT ?? path.join(build, 'plain', 'tools', 'viaduct');
const office = path.join(runs, 'closed', 'office');
const run = (...words) => execFileSync(viaduct, words, { encoding: 'utf8' }).trim();
const manage = (...words) => JSON.parse(run('federation', ...words, '--directory', office, '--json'));

let servers = [];

/// Two members, and a third that is given a certificate later.
before(async () => {
  if (againstStock) return;
  fs.rmSync(path.join(runs, 'closed'), { recursive: true, force: true });
  fs.mkdirSync(office, { recursive: true });
  const { federation } = manage('init', 'acme');
  const keys = ['a', 'b', 'c'].map((letter) => path.join(office, `${letter}.key`));
  servers = describe({ prefix: 'closed/', size: 3, base: 9400,
    general: (index) => ({ federation, identity_file: keys[index] }) });
  for (const [index, server] of servers.entries()) {
    server.node = run('id', keys[index]);
    server.certificate = `${keys[index]}.certificate`;
  }
  for (const server of servers.slice(0, 2)) manage('admit', server.node, '--output', server.certificate);
  await servers[1].start();
  await servers[0].start();
  await joined(servers.slice(0, 2));
});
after(() => stop(servers));

test('members call each other', only, async () => {
  const [a, b] = servers;
  await withCallers({ alice: a, bob: b }, async (alice, bob) => {
    await connect(alice, bob);
    await Promise.all([alice.hears(), bob.hears()]);
    await end(alice, bob);
  });
});

test('a server without a certificate says so and does not take part', only, async () => {
  const [, , c] = servers;
  await c.start();
  assert.match(c.refusedPlugin(), /is closed.*viaduct federation admit/);
  await c.stop();
});

test('nor does one whose certificate is for another node', only, async () => {
  const [a, , c] = servers;
  fs.copyFileSync(a.certificate, c.certificate);
  await c.start();
  assert.match(c.refusedPlugin(), new RegExp(`it is for node ${a.node}`));
  await c.stop();
});

test('once admitted it is a member, and once revoked it is out at once', only, async () => {
  const [a, b, c] = servers;
  manage('admit', c.node, '--output', c.certificate);
  await c.start();
  await joined(servers);
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    const told = [alice, carol].map((caller) => caller.hungUp());
    const { holders } = manage('revoke', c.node, '--bootstrap', b.pluginConfigs['janus.plugin.viaduct'].general.listen);
    assert.ok(holders >= 2);
    await Promise.all(told);
    await Promise.all([over(alice), over(carol)]);
    await until('nobody knows it', async () => (await a.status()).contacts === 1);
    await assert.rejects(alice.call('carol'), { code: 478 });
    await over(alice);
  });
});
