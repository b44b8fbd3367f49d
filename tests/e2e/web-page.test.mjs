// SPDX-License-Identifier: LGPL-2.1-or-later
// The demo's own page in two tabs.
import test from 'node:test';
import assert from 'node:assert/strict';
import path from 'node:path';
import { house, plugin } from './house.mjs';
import { root, runs } from './where.mjs';
import { launch, plays } from './chromium.mjs';
import { serve } from '../../web/serve.mjs';

let browser, site;
const servers = house('web-page', {
  async prepare() {
    const list = servers.map((server, index) => ({ title: `Server ${'ABC'[index]}`, url: server.url }));
    site = await serve(path.join(root, 'web'), { made: { '/servers.json': JSON.stringify(list) } });
    browser = await launch('web-page');
  },
  async finish() {
    await browser?.close();
    site?.close();
  },
});

async function open(server, name, more = '') {
  const page = await browser.newPage();
  page.setDefaultTimeout(15000);
  page.on('pageerror', (error) => console.error(`${name}'s page: ${error}`));
  await page.goto(`http://127.0.0.1:${site.address().port}/?server=${server}&name=${name}&plugin=${plugin}${more}`);
  await page.click('#register');
  return page;
}

async function call(from, to, name) {
  await from.fill('#peer', name);
  await from.click('#call');
  await to.click('dialog >> text=Answer');
  await Promise.all([plays(from, '#remote'), plays(to, '#remote')]);
}

test('two tabs at two servers see each other until one hangs up', async () => {
  const [alice, carol] = [await open('a', 'alice'), await open('c', 'carol', '&synthetic')];
  await call(alice, carol, 'carol');
  if (process.env.VIADUCT_SCREENSHOTS) await alice.screenshot({ path: path.join(runs, 'call.png') });
  await carol.click('#hangup');
  await alice.waitForSelector('#status:has-text("ended")');
  assert.equal(await alice.isVisible('#videos'), false);

  await call(carol, alice, 'alice');
  await carol.click('#hangup');
  await alice.waitForSelector('#status:has-text("ended")');
  await Promise.all([alice.close(), carol.close()]);
});

test('a declined call says so', async () => {
  const [anna, chris] = [await open('a', 'anna'), await open('c', 'chris')];
  await anna.fill('#peer', 'chris');
  await anna.click('#call');
  await chris.click('dialog >> text=Decline');
  await anna.waitForSelector('#status:has-text("ended")');
  await Promise.all([anna.close(), chris.close()]);
});

test('an error is shown with its sentence and its code, and one can go on', async () => {
  const amelia = await open('a', 'amelia');
  await amelia.fill('#peer', 'nobody');
  await amelia.click('#call');
  await amelia.waitForSelector('#problem:has-text("code 478")');
  if (process.env.VIADUCT_SCREENSHOTS) await amelia.screenshot({ path: path.join(runs, 'error.png') });
  assert.equal(await amelia.isEnabled('#call'), true);

  const second = await open('c', 'amelia');
  await second.waitForSelector('#problem:has-text("already taken")');
  await Promise.all([amelia.close(), second.close()]);
});
