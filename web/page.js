// SPDX-License-Identifier: LGPL-2.1-or-later
// The page: register at a server, call somebody, be called.
import { Janus, Refused } from './janus.js';
import { Call, ownMedia } from './call.js';
import { DirectCall } from './direct.js';

const $ = (id) => document.getElementById(id);
const plugin = new URLSearchParams(location.search).get('plugin') ?? 'janus.plugin.viaduct';

let janus, call, caller;
let rings;       // the offer that we may answer: a JSEP, or of a direct call { description, heard }

const tell = (text) => { $('status').textContent = text; };

function complain(error) {
  const problem = $('problem');
  problem.hidden = !error;
  if (!error) return;
  problem.textContent = error.message;
  const facts = [error.reason, error.code && `code ${error.code}`].filter(Boolean).join(', ');
  if (facts) problem.append(' ', Object.assign(document.createElement('code'), { textContent: `(${facts})` }));
  tell('');
}

/// Runs what a button stands for; whatever goes wrong is shown.
const trying = (action) => async (event) => {
  event?.preventDefault();
  complain();
  try {
    await action();
  } catch (error) {
    complain(error.name === 'NotAllowedError' || error.name === 'NotFoundError'
      ? new Refused('There is no camera and microphone that this page may use: choose the test picture.') : error);
    return error;
  }
};

function showCall(on) {
  $('call').hidden = on;
  $('hangup').hidden = !on;
  $('peer').disabled = on;
  $('videos').hidden = !on;
}

/// `direct` is asked when our media is there: what rings may change while somebody looks for the camera.
async function begin(name, direct) {
  const own = await ownMedia($('synthetic').checked);
  call = new (direct() ? DirectCall : Call)(janus, own, (stream) => { $('remote').srcObject = stream; });
  $('local').srcObject = call.own;
  $('remote-name').textContent = name;
  showCall(true);
}

function end(why) {
  call?.end();
  call = undefined;
  rings = undefined;
  $('remote').srcObject = $('local').srcObject = null;
  if ($('incoming').open) $('incoming').close('over');
  showCall(false);
  if (why) tell(why);
}

const events = {
  incomingcall({ username, description }, jsep) {
    caller = username;
    rings = jsep ?? { description, heard: [] };
    $('incoming-title').textContent = `${username} is calling`;
    $('incoming').returnValue = '';
    $('incoming').showModal();
  },
  async accepted(result, jsep) {
    await call?.accepted(jsep, result);
    tell(`In a call with ${result.username}.`);
  },
  candidate(result) {
    if (rings) rings.heard?.push(result);
    else call?.heard?.(result);
  },
  bridge(result, jsep) {
    if (rings) rings = jsep; // it rings still, and is a call like others now
    else call?.heard?.(result, jsep);
  },
  bridged(result, jsep) { call?.heard?.(result, jsep); },
  hangup({ username, reason }) { end(`The call${username ? ` with ${username}` : ''} ended: ${reason}`); },
  error({ error, error_code, reason }) {
    end();
    complain(new Refused(error, error_code, reason));
  },
};

const register = trying(async () => {
  const server = document.querySelector('input[name=server]:checked');
  const name = $('name').value.trim();
  tell('Registering …');
  if (janus) janus.onclose = () => {};
  janus?.close();
  janus = new Janus();
  await janus.open(server.value, plugin);
  janus.onevent = (result, jsep) => events[result.event]?.(result, jsep);
  janus.onclose = () => {
    end();
    $('join').hidden = false;
    $('dial').hidden = true;
    complain(new Refused('The connection to the server is gone.', undefined, 'server-unreachable'));
  };
  await janus.request({ request: 'register', username: name, direct: true });
  $('join').hidden = true;
  $('dial').hidden = false;
  $('whoami').textContent = `You are ${name}, at ${server.dataset.title}.`;
  tell('Wait for a call, or make one.');
  $('peer').focus();
});

const dial = trying(async () => {
  const name = $('peer').value.trim();
  await begin(name, () => $('direct').checked);
  tell(`Calling ${name} …`);
  const said = await call.offer(name);
  if (said.event === 'hangup') events.hangup({ ...said, username: name });
});

const answer = trying(async () => {
  await begin(caller, () => rings?.heard);
  const offer = rings;
  rings = undefined;
  if (!offer) return end(); // the caller gave up
  const { description, heard } = offer;
  if (heard) await call.answer(description, heard);
  else await call.answer(offer);
  tell(`In a call with ${caller}.`);
});

const hangup = trying(async () => {
  end('You hung up.');
  await janus.request({ request: 'hangup' });
});

$('join').addEventListener('submit', register);
$('dial').addEventListener('submit', async (event) => { if (await dial(event)) end(); });
$('hangup').addEventListener('click', hangup);
$('incoming').addEventListener('close', async () => {
  const choice = $('incoming').returnValue;
  if (!rings) return; // the caller gave up
  if (choice !== 'answer') return hangup();
  if (await answer()) hangup();
});

// The demo says which servers there are; which one is chosen can stand in the address: ?server=c&name=carol
const wanted = new URLSearchParams(location.search);
for (const { title, url } of await (await fetch('servers.json')).json()) {
  const label = document.createElement('label');
  const choice = Object.assign(document.createElement('input'), { type: 'radio', name: 'server', value: url });
  choice.dataset.title = title;
  choice.checked = title.toLowerCase().endsWith(` ${wanted.get('server') ?? 'a'}`);
  label.append(choice, title);
  $('servers').append(label);
}
$('name').value = wanted.get('name') ?? '';
$('synthetic').checked = wanted.has('synthetic');
$('direct').checked = wanted.has('direct');
$('register').disabled = false;
