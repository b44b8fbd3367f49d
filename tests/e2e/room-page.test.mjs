// SPDX-License-Identifier: LGPL-2.1-or-later
// Debian's own pages for VideoRoom, in which only the plugin's name and the server's address are changed.
import fs from 'node:fs';
import path from 'node:path';
import assert from 'node:assert/strict';
import test from 'node:test';
import { house, plugin } from './house.mjs';
import { debianDemos } from './where.mjs';
import { launch, plays } from './chromium.mjs';
import { serve } from '../../web/serve.mjs';

let browser, site;
const servers = house('room-page', {
  size: 3,
  rooms: { 1234: { description: 'Demo room', publishers: 6 },
    5678: { description: 'Shared room', publishers: 6, federated: true } },
  async prepare() {
    site = await serve(debianDemos);
    browser = await launch('room-page');
  },
  async finish() {
    await browser?.close();
    site?.close();
  },
});

async function open(server, demo, name, query) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20000);
  page.on('pageerror', (error) => console.error(`${name}'s page: ${error}`));
  await page.route('**/settings.js', (route) => route.fulfill({ contentType: 'text/javascript',
    body: `var server = ${JSON.stringify(server.httpUrl)}, iceServers = [], token = null, apisecret = null;` }));
  await page.route(`**/${demo}.js`, (route) => route.fulfill({ contentType: 'text/javascript',
    body: fs.readFileSync(path.join(debianDemos, `${demo}.js`), 'utf8')
      .replaceAll('janus.plugin.videoroom', plugin) }));
  await page.goto(`http://127.0.0.1:${site.address().port}/${demo}.html${query}`);
  await page.click('#start');
  await page.fill('#username', name);
  await page.click('#register');
  await page.waitForSelector('#videolocal video');
  return page;
}

/// The page's own Stop button. At "unpublished" the page detaches the handle for which it may just be answering an
/// "updated" (VideoRoom sends both, in this order), and then shows an alert without a text: away with that one.
async function leave(...pages) {
  for (const page of pages) {
    for (const alert of await page.locator('.bootbox.modal').all()) {
      assert.equal(await alert.locator('.bootbox-body').textContent(), 'WebRTC error... undefined');
      await alert.evaluate((shown) => { shown.remove(); document.querySelector('.modal-backdrop')?.remove(); });
    }
    await page.click('#start');
    await page.close();
  }
}

const remote = (page) => plays(page, '[id^=videoremote] video', { within: 20000 });

for (const demo of ['videoroomtest', 'mvideoroomtest'])
  for (const [where, other, query] of [['one server', 0, ''], ['two servers', 2, '?room=5678']])
    test(`two ${demo} pages at ${where} see each other, and one goes and comes back`, async () => {
      const [alice, carol] = await Promise.all([
        open(servers[0], demo, 'alice', query), open(servers[other], demo, 'carol', query)]);
      await Promise.all([remote(alice), remote(carol)]);
      await alice.waitForSelector('[id^=remote]:has-text("carol")');
      await carol.click('#unpublish');
      await alice.waitForSelector('[id^=videoremote] video', { state: 'detached' });
      await carol.click('#publish');
      await alice.evaluate(() => { window.__seen?.clear(); });
      await remote(alice);
      await leave(alice, carol);
    });
