// SPDX-License-Identifier: LGPL-2.1-or-later
// A whole call between two callers, step by step as people would.
import assert from 'node:assert/strict';

/// Rings, answers, connects. Both are registered already.
export async function connect(caller, callee, { name = callee.name } = {}) {
  const ringing = callee.ringing();
  ringing.catch(() => {}); // a failed call says more than a phone that did not ring
  const said = await caller.call(name);
  assert.equal(said.event, 'calling', `instead of calling: ${JSON.stringify(said)}`);
  assert.equal(await ringing, caller.name);
  const answered = await callee.accept();
  assert.equal(answered.event, 'accepted');
  assert.equal(await caller.accepted(), callee.name);
  await Promise.all([caller.connected(), callee.connected()]);
}

/// Packets counted and pictures decoded at both ends.
export async function media(one, other, howMuch) {
  await Promise.all([one.hears(howMuch), other.hears(howMuch)]);
}

/// `one` hangs up; both get the API's event, and both browsers' connections are closed.
export async function end(one, other, { reason, closes = over } = {}) {
  const told = other.hungUp({ reason: reason ?? 'We did the hangup' });
  const said = await one.hangup(reason);
  assert.equal(said.event, 'hangup');
  assert.equal(said.reason, 'Explicit hangup');
  await told;
  await Promise.all([closes(one), closes(other)]);
}

/// As a browser's page does when told that a call is over, also one that did not come about. Janus says
/// when its own end is closed; until then it would lose the next request.
export async function over(caller) {
  caller.endMedia();
  await caller.handle.core('hangup');
  caller.handle.inbox.kept = [];
}

/// A page that leaves it to the server.
export async function leftOpen(caller) {
  await caller.handle.core('hangup');
  caller.endMedia();
  caller.handle.inbox.kept = [];
}
