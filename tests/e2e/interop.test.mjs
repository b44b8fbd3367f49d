// SPDX-License-Identifier: LGPL-2.1-or-later
// BEP 44's items pass between our nodes and those of other implementations, each put by one and got by the other.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import path from 'node:path';
import { Author, Libtorrent, Webtorrent } from './foreign-nodes.mjs';
import { Node } from './nodes.mjs';
import { runs } from './where.mjs';
import { until } from './wait.mjs';

const ours = [];
const foreign = { libtorrent: [], 'bittorrent-dht': [] };
const all = () => [...ours, ...Object.values(foreign).flat()];

before(async () => {
  for (let number = 0; number < 3; number++) {
    ours.push(await Node.start(`interop/${number}`, `127.0.0.1:${7501 + number}`, ours.map((node) => node.address)));
  }
  const known = ours.map((node) => node.address);
  for (let number = 0; number < 3; number++) {
    foreign.libtorrent.push(await Libtorrent.start(`127.0.0.1:${7511 + number}`, known));
  }
  for (let number = 0; number < 2; number++) {
    foreign['bittorrent-dht'].push(await Webtorrent.start(`127.0.0.1:${7521 + number}`, known));
  }
  for (const node of Object.values(foreign).flat()) {
    await until(`${node.address} knows our nodes`, async () => (await node.nodes()) >= ours.length);
  }
});

after(() => Promise.all(all().map((node) => node.stop())));

const key = path.join(runs, 'interop', 'author.key');

for (const name of Object.keys(foreign)) {
  const [first, last] = [() => foreign[name][0], () => foreign[name].at(-1)];

  test(`an immutable item of ours is got by ${name}`, async () => {
    const text = `of ours for ${name}`;
    const { target } = await ours[0].ask('put-item', text);
    assert.equal(await last().get(target), text);
  });

  test(`an immutable item of ${name} is got by us, from each of our nodes`, async () => {
    const text = `of ${name} for us`;
    const target = await first().put(text);
    for (const node of ours) assert.equal((await node.ask('get-item', target)).value, text);
  });

  test(`a mutable, salted item of ours is got by ${name}, and so is its successor`, async () => {
    for (const [seq, text] of [[1, 'first'], [2, 'second']]) {
      const put = await ours[1].ask('put-item', text, '--salt', name, '--identity', key, '--seq', `${seq}`);
      assert.equal(await last().getMutable(Buffer.from(put.key, 'hex'), name), text);
    }
  });

  test(`a mutable, salted item of ${name} is got by us`, async () => {
    const author = new Author();
    const target = await first().putMutable(author, 'salt', `of ${name}`);
    const found = await ours[2].ask('get-item', target, '--salt', 'salt');
    assert.equal(found.value, `of ${name}`);
    assert.equal(found.key, author.key.toString('hex'));
  });
}

test('an item passes between the others over our nodes alone', async () => {
  const target = await foreign.libtorrent[0].put('by way of ours');
  assert.equal(await foreign['bittorrent-dht'][0].get(target), 'by way of ours');
});

test('nobody of the others is in the tables of ours, whose keys they have not proved', async () => {
  const { nodes } = await ours[0].ask('crawl', '--time', '10');
  assert.deepEqual(nodes.map((node) => node.id).sort(), ours.map((node) => node.id).sort());
});
