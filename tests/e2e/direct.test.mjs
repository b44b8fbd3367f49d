// SPDX-License-Identifier: LGPL-2.1-or-later
// Calls whose media goes from browser to browser, with the demo's own page; and over the servers when it cannot.
import test from 'node:test';
import assert from 'node:assert/strict';
import path from 'node:path';
import { againstStock, house, plugin, withCallers } from './house.mjs';
import { root } from './where.mjs';
import { launch, plays } from './chromium.mjs';
import { until } from './wait.mjs';
import { serve } from '../../web/serve.mjs';

const only = againstStock ? { skip: 'VideoCall has none of it' } : {};
let browser, site;
const servers = house('direct', {
  general: () => (againstStock ? {} : { direct_timeout: 2 }),
  async prepare() {
    const list = servers.map((server, index) => ({ title: `Server ${'ABC'[index]}`, url: server.url }));
    site = await serve(path.join(root, 'web'), { made: { '/servers.json': JSON.stringify(list) } });
    browser = await launch('direct');
  },
  async finish() {
    await browser?.close();
    site?.close();
  },
});

/// Runs in the page before its own scripts: keeps the connections, and lets the first find no way if `hidden`.
function watch(hidden) {
  const Real = RTCPeerConnection;
  window.connections = [];
  window.RTCPeerConnection = class extends Real {
    constructor(configuration) {
      const alone = hidden && window.connections.length === 0;
      super({ ...configuration, ...(alone && { iceTransportPolicy: 'relay' }) });
      window.connections.push(this);
    }
  };
}

async function open(server, name, { hidden = false } = {}) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20000);
  page.on('pageerror', (error) => console.error(`${name}'s page: ${error}`));
  page.on('console', (line) => line.type() === 'error' && console.error(`${name}'s page: ${line.text()}`));
  await page.addInitScript(watch, hidden);
  await page.goto(`http://127.0.0.1:${site.address().port}/?server=${server}&name=${name}&direct&plugin=${plugin}`);
  await page.click('#register');
  await page.waitForSelector('#dial:not([hidden])');
  return page;
}

/// Of the connection that was made last: the two ends of the pair that carries media.
const ends = (page) => page.evaluate(async () => {
  const stats = await window.connections.at(-1).getStats();
  const all = new Map();
  stats.forEach((entry) => all.set(entry.id, entry));
  const transport = [...all.values()].find((entry) => entry.type === 'transport' && entry.selectedCandidatePairId);
  const pair = transport && all.get(transport.selectedCandidatePairId);
  if (!pair?.bytesReceived) return undefined;
  const where = ({ address, port }) => `${address}:${port}`;
  return { here: where(all.get(pair.localCandidateId)), there: where(all.get(pair.remoteCandidateId)),
    connections: window.connections.length };
});

const pairOf = (page) => until('a pair carries media', () => ends(page));

async function call(from, to, name) {
  await from.fill('#peer', name);
  await from.click('#call');
  await to.click('dialog >> text=Answer');
  await Promise.all([plays(from, '#remote'), plays(to, '#remote')]);
}

async function hangUp(from, to) {
  await from.click('#hangup');
  await to.waitForSelector('#status:has-text("ended")');
  await Promise.all([from.close(), to.close()]);
}

test('two browsers at two servers connect to each other, and nothing passes the servers', only, async () => {
  const [a, , c] = servers;
  const [alice, carol] = [await open('a', 'alice'), await open('c', 'carol')];
  await call(alice, carol, 'carol');
  const [one, other] = [await pairOf(alice), await pairOf(carol)];
  assert.equal(one.here, other.there);
  assert.equal(one.there, other.here);
  // Longer than the browsers have for it: nobody bridges what is connected.
  await new Promise((done) => { setTimeout(done, 2500); });
  await Promise.all([plays(alice, '#remote'), plays(carol, '#remote')]);
  assert.equal((await pairOf(alice)).connections, 1);
  for (const server of [a, c]) {
    const { lanes, trunks, calls } = await server.status();
    assert.deepEqual({ lanes, trunks, calls }, { lanes: 0, trunks: [], calls: 1 });
  }
  await hangUp(carol, alice);
});

test('browsers that find no way to each other are bridged in the same call', only, async () => {
  const [a, , c] = servers;
  const [anna, chris] = [await open('a', 'anna', { hidden: true }), await open('c', 'chris', { hidden: true })];
  await call(anna, chris, 'chris');
  const [one, other] = [await pairOf(anna), await pairOf(chris)];
  assert.notEqual(one.there, other.here);
  assert.equal(one.connections, 2);
  for (const server of [a, c]) {
    const { lanes, trunks } = await server.status();
    assert.equal(lanes, 1);
    assert.ok(trunks[0]['packets-sent'] > 0 && trunks[0]['packets-received'] > 0, JSON.stringify(trunks));
  }
  await hangUp(anna, chris);
});

test('who knows no direct calls is called as ever', only, async () => {
  await withCallers({ clara: servers[2] }, async (clara) => {
    const alf = await open('a', 'alf');
    await alf.fill('#peer', 'clara');
    await alf.click('#call');
    assert.equal(await clara.ringing(), 'alf');
    await clara.accept();
    await Promise.all([pairOf(alf), clara.hears()]);
    await alf.click('#hangup');
    await clara.hungUp();
    clara.endMedia();
    await alf.close();
  });
});
