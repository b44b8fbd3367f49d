// SPDX-License-Identifier: LGPL-2.1-or-later
// A call is recorded at either side; Janus's own converter reads the files.
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { againstStock, house, withCallers } from './house.mjs';
import { connect, end, media } from './call.mjs';
import { readRecording } from './mjr.mjs';
import { runs } from './where.mjs';
import { until } from './wait.mjs';

const folder = path.join(runs, 'recordings');
const servers = house('recording', {
  general: againstStock ? {} : { recordings_folder: folder },
  prepare: () => { fs.rmSync(folder, { recursive: true, force: true }); fs.mkdirSync(folder, { recursive: true }); },
});
const nameOf = (name) => (againstStock ? path.join(folder, name) : name);

/// Janus's converter must make something of it.
function convert(file, to) {
  const out = file.replace(/mjr$/, to);
  execFileSync('janus-pp-rec', [file, out], { stdio: 'pipe' });
  assert.ok(fs.statSync(out).size > 1000, `${out} is empty`);
}

test('what one side sends is recorded while the call goes on, and the files are closed with it', async () => {
  const [a, , c] = servers;
  await withCallers({ alice: a, carol: c }, async (alice, carol) => {
    await connect(alice, carol);
    await alice.request({ request: 'set', record: true, filename: nameOf('alice') });
    await carol.request({ request: 'set', record: true, filename: nameOf('carol') });
    await media(alice, carol, { packets: 150, frames: 30 });
    await end(alice, carol);
    for (const who of ['alice', 'carol']) {
      const file = (kind) => path.join(folder, `${who}-${kind}.mjr`);
      const audio = await until(`${who}'s recording is closed`, () => readRecording(file('audio')));
      assert.equal(audio.header.t, 'a');
      assert.equal(audio.header.c, 'opus');
      assert.ok(audio.packets.length >= 100, `${audio.packets.length} packets`);
      const video = readRecording(file('video'));
      assert.equal(video.header.t, 'v');
      assert.equal(video.header.c, 'vp8');
      assert.ok(video.packets.length >= 30, `${video.packets.length} packets`);
      convert(file('audio'), 'opus');
      convert(file('video'), 'webm');
    }
  });
});

test('a recording that is ended grows no more, and has VideoCall\'s name when none was given', { skip: againstStock && 'it has no folder' },
  async () => {
    const [a, , c] = servers;
    await withCallers({ anna: a, chris: c }, async (anna, chris) => {
      await connect(anna, chris);
      await anna.request({ request: 'set', record: true });
      await media(anna, chris);
      await anna.request({ request: 'set', record: false });
      const name = fs.readdirSync(folder).find((each) => /^videocall-anna-chris-\d+-audio\.mjr$/.test(each));
      assert.ok(name, `${fs.readdirSync(folder)}`);
      const { packets } = await until('the file is closed', () => readRecording(path.join(folder, name)));
      await media(anna, chris);
      assert.equal(readRecording(path.join(folder, name)).packets.length, packets.length);
      await end(anna, chris);
    });
  });

test('a client\'s name does not lead out of the folder', { skip: againstStock && 'it has no folder' }, async () => {
  const [a] = servers;
  await withCallers({ alf: a, amy: a }, async (alf, amy) => {
    await connect(alf, amy);
    await alf.request({ request: 'set', record: true, filename: '../../out' });
    await media(alf, amy);
    await end(alf, amy);
    await until('the file is there', () => readRecording(path.join(folder, '.._.._out-audio.mjr')));
  });
});
