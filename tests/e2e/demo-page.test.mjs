// SPDX-License-Identifier: LGPL-2.1-or-later
// Debian's own demo page, in which only the plugin's name and the server's address are changed, makes a
// call between two servers in Chromium.
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { house, plugin } from './house.mjs';
import { debianDemos } from './where.mjs';
import { launch, plays } from './chromium.mjs';
import { serve } from '../../web/serve.mjs';

let browser, site;
const servers = house('demo-page', {
  async prepare() {
    site = await serve(debianDemos);
    browser = await launch('demo-page');
  },
  async finish() {
    await browser?.close();
    site?.close();
  },
});

async function open(server, name, { registers = true } = {}) {
  const page = await browser.newPage();
  page.setDefaultTimeout(15000);
  page.on('pageerror', (error) => console.error(`${name}'s page: ${error}`));
  const read = (file) => fs.readFileSync(path.join(debianDemos, file), 'utf8');
  await page.route('**/settings.js', (route) => route.fulfill({ contentType: 'text/javascript',
    body: `var server = ${JSON.stringify(server.httpUrl)}, iceServers = [], token = null, apisecret = null;` }));
  await page.route('**/videocalltest.js', (route) => route.fulfill({ contentType: 'text/javascript',
    body: read('videocalltest.js').replaceAll('janus.plugin.videocall', plugin) }));
  await page.goto(`http://127.0.0.1:${site.address().port}/videocalltest.html`);
  await page.click('#start');
  await page.fill('#username', name);
  await page.click('#register');
  if (!registers) return page;
  await page.waitForSelector('#phone:visible');
  assert.match(await page.textContent('#youok'), new RegExp(`Registered as '${name}'`));
  return page;
}

/// The page's own Stop button; a closed page would keep its name until Janus misses it.
async function leave(...pages) {
  for (const page of pages) {
    await page.click('#start');
    await page.close();
  }
}

const dialog = (page, text) => page.waitForSelector(`.bootbox:has-text("${text}")`);

async function call(from, to, name) {
  await from.fill('#peer', name);
  await from.click('#call');
  await dialog(to, 'Incoming call from');
  await to.click('.bootbox button:has-text("Answer")');
  await Promise.all([plays(from, '#videoright video'), plays(to, '#videoright video')]);
}

test('two pages at two servers see each other, hang up and call again the other way', async () => {
  const [alice, carol] = await Promise.all([open(servers[0], 'alice'), open(servers[2], 'carol')]);
  await call(alice, carol, 'carol');
  await alice.click('#call:has-text("Hangup")');
  await carol.waitForSelector('#call:has-text("Call")');

  await call(carol, alice, 'alice');
  await alice.click('#call:has-text("Hangup")');
  await carol.waitForSelector('#call:has-text("Call")');
  await leave(alice, carol);
});

test('the page lets somebody whose name is taken choose another', async () => {
  const anna = await open(servers[0], 'anna');
  const second = await open(servers[2], 'anna', { registers: false });
  await dialog(second, 'already taken');
  await second.click('.bootbox button:has-text("OK")');
  await second.fill('#username', 'alexander');
  await second.click('#register');
  await second.waitForSelector('#phone:visible');
  await leave(anna, second);
});

test('the page says so when nobody has the name that is called', async () => {
  const amelia = await open(servers[0], 'amelia');
  await amelia.fill('#peer', 'nobody');
  await amelia.click('#call');
  await dialog(amelia, "Username 'nobody' doesn't exist");
  await amelia.click('.bootbox button:has-text("OK")');
  await leave(amelia);
});
