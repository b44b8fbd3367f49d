// SPDX-License-Identifier: LGPL-2.1-or-later
// What is seen from outside: handle_info, event handlers, Prometheus; and the requests that VideoCall has not.
import http from 'node:http';
import test from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { againstStock, house, withCallers } from './house.mjs';
import { connect, end, media, over } from './call.mjs';
import { address } from './where.mjs';
import { until } from './wait.mjs';

const only = againstStock ? { skip: 'VideoCall has none of it' } : {};
const metricsPort = 9800, sinkPort = 9790;
const told = [];
let sink;
const servers = house('outside', {
  general: (index) => (againstStock ? {} : { metrics: `127.0.0.1:${metricsPort + index}` }),
  eventsTo: `http://127.0.0.1:${sinkPort}/`,
  prepare: () => {},
  finish: () => sink?.close(),
});

// Before the servers: what they say at their start is of no interest, but that somebody listens is.
sink = http.createServer(async (request, reply) => {
  const body = await json(request);
  told.push(...[body].flat());
  reply.end();
});
sink.listen(sinkPort, '127.0.0.1');
await once(sink, 'listening');

/// What event handlers were told by plugins (type 64), as "carol hangup hangup".
const events = () => told.filter((each) => each.type === 64 && each.event?.plugin?.includes('viaduct'))
  .map((each) => ({ handle: each.handle_id, ...each.event.data }));

async function scrape(index) {
  const answer = await fetch(`http://127.0.0.1:${metricsPort + index}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
  return answer.text();
}

/// Refuses what Prometheus would, and returns { 'name{labels}': value }.
function parse(text) {
  assert.ok(text.endsWith('\n'));
  const types = {}, samples = {};
  for (const line of text.trimEnd().split('\n')) {
    const comment = line.match(/^# (HELP|TYPE) ([a-z][a-z0-9_]*) (.+)$/);
    if (comment) {
      if (comment[1] === 'TYPE') {
        assert.ok(!(comment[2] in types), `${comment[2]} comes twice`);
        types[comment[2]] = comment[3];
      }
      continue;
    }
    const sample = line.match(/^([a-z][a-z0-9_]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (\S+)$/);
    assert.ok(sample, `not a sample: ${line}`);
    const family = sample[1] in types ? sample[1] : sample[1].replace(/_(bucket|sum|count)$/, '');
    assert.ok(family in types, `${line} has no type`);
    assert.ok(Number.isFinite(Number(sample[3])), line);
    samples[`${sample[1]}${sample[2] ?? ''}`] = Number(sample[3]);
  }
  return samples;
}

const info = async (caller) => (await caller.server.admin('handle_info',
  { session_id: caller.session.id, handle_id: caller.handle.id })).info.plugin_specific;

test('handle_info shows the call, its lane and its trunk', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await media(alice, carol);
    const shown = await until('the trunk has been measured', async () => {
      const now = await info(alice);
      return now.trunk?.['rtt-ms'] > 0 && now;
    });
    assert.equal(shown.username, 'alice');
    assert.equal(shown.state, 'talking');
    assert.equal(shown.peer, 'carol');
    assert.equal(shown.server, (await c.status()).node);
    assert.equal(shown.trunk.peer, shown.server);
    assert.equal(shown.trunk.state, 'up');
    assert.equal(shown.media, 'bridged');
    assert.ok(shown.lane['packets-sent'] > 0 && shown.lane['packets-received'] > 0);
    for (const count of ['packets-lost', 'packets-repaired', 'repairs-sent', 'packets-dropped'])
      assert.ok(shown.lane[count] >= 0, `${count}: ${shown.lane[count]}`);
    await end(alice, carol);
    assert.equal((await info(alice)).trunk, undefined);
  });
});

test('event handlers are told of registrations, calls, trunks and their ends', only, async () => {
  const [a, , c] = servers;
  told.length = 0;
  await withCallers({ anna: a, chris: c }, async (anna, chris) => {
    await connect(anna, chris);
    await anna.request({ request: 'set', bitrate: 64000 });
    await end(anna, chris);
    const of = (caller) => events().filter((each) => each.handle === caller.handle.id).map((each) => each.event);
    await until('everything is told', () => of(anna).includes('hangup') && of(chris).includes('hangup'));
    assert.deepEqual(of(anna), ['registered', 'calling', 'accepted', 'configured', 'hangup']);
    assert.deepEqual(of(chris), ['registered', 'accepted', 'hangup']);
    const hangup = events().find((each) => each.handle === chris.handle.id && each.event === 'hangup');
    assert.equal(hangup.reason_code, 'hangup');
  });
});

test('Prometheus can read the figures, and they are right', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alf: a, clara: c }, async (alf, clara) => {
    const before = parse(await scrape(0));
    await connect(alf, clara);
    await media(alf, clara);
    const during = parse(await scrape(0));
    const peer = (await c.status()).node;
    assert.equal(during.viaduct_calls, 1);
    assert.equal(during.viaduct_users, 1);
    assert.equal(during['viaduct_trunks{state="up"}'], 1);
    assert.equal(during[`viaduct_trunk_lanes{peer="${peer}"}`], 1);
    assert.ok(during[`viaduct_trunk_packets_sent_total{peer="${peer}"}`] > 0);
    assert.ok(during.viaduct_dht_contacts >= 2);
    assert.equal(during.viaduct_call_setup_seconds_count, before.viaduct_call_setup_seconds_count + 1);
    await end(alf, clara);
    const key = 'viaduct_calls_total{direction="outgoing",reason="hangup"}';
    await until('the call is counted', async () => parse(await scrape(0))[key] === (before[key] ?? 0) + 1);

    const promtool = spawnSync('promtool', ['check', 'metrics'], { input: await scrape(0), encoding: 'utf8' });
    if (promtool.error?.code !== 'ENOENT')
      assert.equal(promtool.status, 0, `promtool: ${promtool.stdout}${promtool.stderr}`);
  });
});

test('nothing but figures is served there', only, async () => {
  for (const path of ['/', '/metricsx', '/viaduct'])
    assert.equal((await fetch(`http://127.0.0.1:${metricsPort}${path}`)).status, 404);
});

test('a user is looked up, and not any more when the name was given back', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    const found = await alice.request({ request: 'lookup', username: 'carol' });
    assert.equal(found.event, 'found');
    assert.equal(found.server, (await c.status()).node);
    assert.ok(found['took-ms'] >= 0 && found['took-ms'] < 5000);

    assert.equal((await carol.request({ request: 'unregister' })).event, 'unregistered');
    await assert.rejects(alice.request({ request: 'lookup', username: 'carol' }),
      (error) => error.code === 478 && error.reason === 'unknown-user');
    await carol.register('caroline');
    await connect(alice, carol);
    await end(alice, carol);
  });
});

test('who is called at a named server rings there, and nowhere else', only, async () => {
  const [a, b, c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    const [here, elsewhere] = [(await c.status()).node, (await b.status()).node];
    assert.equal((await alice.request({ request: 'lookup', username: `carol@${here}` })).server, here);
    await assert.rejects(alice.call(`carol@${elsewhere}`), (error) => error.reason === 'unknown-user');
    await over(alice);
    const ringing = carol.ringing();
    assert.equal((await alice.call(`carol@${here}`)).event, 'calling');
    assert.equal(await ringing, 'alice');
    await end(alice, carol);
  });
});

test('the nodes that a server knows are told', only, async () => {
  await withCallers({ alice: servers[0] }, async (alice) => {
    const known = await alice.request({ request: 'nodes' });
    assert.equal(known.node, (await servers[0].status()).node);
    const ids = await Promise.all(servers.slice(1).map(async (server) => (await server.status()).node));
    assert.deepEqual(known.nodes.map((each) => each.node).sort(), ids.sort());
    assert.ok(known.nodes.every((each) => each.address.startsWith(`${address}:`)));
  });
});

test('who declines says why, and the caller may try again', only, async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    const ringing = carol.ringing();
    await alice.call('carol');
    await ringing;
    const hangup = alice.handle.event('hangup');
    assert.equal((await carol.request({ request: 'decline', reason: 'in a meeting' })).event, 'declined');
    const { plugindata: { data: { result } } } = await hangup;
    assert.equal(result.reason, 'in a meeting');
    assert.equal(result.reason_code, 'declined');
    alice.endMedia();
    await alice.handle.core('hangup').catch(() => {});
    alice.handle.inbox.kept = [];
    await connect(alice, carol);
    await end(alice, carol);
  });
});
