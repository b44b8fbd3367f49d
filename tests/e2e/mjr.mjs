// SPDX-License-Identifier: LGPL-2.1-or-later
// Janus's recordings.
import fs from 'node:fs';
import assert from 'node:assert/strict';

/// The header of a .mjr file, and the packets that follow it.
export function readRecording(file) {
  const bytes = fs.readFileSync(file);
  assert.equal(bytes.toString('latin1', 0, 8), 'MJR00002');
  const size = bytes.readUInt16BE(8);
  const header = JSON.parse(bytes.toString('utf8', 10, 10 + size));
  const packets = [];
  for (let at = 10 + size; at < bytes.length;) {
    assert.equal(bytes.toString('latin1', at, at + 4), 'MEET', `octet ${at} of ${bytes.length}`);
    const end = at + 10 + bytes.readUInt16BE(at + 8);
    assert.ok(end <= bytes.length, 'the last packet is cut off');
    packets.push(bytes.subarray(at + 10, end));
    at = end;
  }
  return { header, packets };
}
