// SPDX-License-Identifier: LGPL-2.1-or-later
// The page: register at a server, call somebody, be called.
import { Janus, Refused } from './janus.js';
import { Call, ownMedia } from './call.js';

const $ = (id) => document.getElementById(id);
const plugin = new URLSearchParams(location.search).get('plugin') ?? 'janus.plugin.viaduct';

let janus, call, caller, rings;

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

async function begin(name) {
  call = new Call(janus, await ownMedia($('synthetic').checked), (stream) => { $('remote').srcObject = stream; });
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
  incomingcall({ username }, jsep) {
    caller = username;
    rings = jsep;
    $('incoming-title').textContent = `${username} is calling`;
    $('incoming').returnValue = '';
    $('incoming').showModal();
  },
  async accepted({ username }, jsep) {
    await call?.accepted(jsep);
    tell(`In a call with ${username}.`);
  },
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
  await janus.request({ request: 'register', username: name });
  $('join').hidden = true;
  $('dial').hidden = false;
  $('whoami').textContent = `You are ${name}, at ${server.dataset.title}.`;
  tell('Wait for a call, or make one.');
  $('peer').focus();
});

const dial = trying(async () => {
  const name = $('peer').value.trim();
  await begin(name);
  tell(`Calling ${name} …`);
  const said = await call.offer(name);
  if (said.event === 'hangup') events.hangup({ ...said, username: name });
});

const answer = trying(async () => {
  const jsep = rings;
  rings = undefined;
  await begin(caller);
  await call.answer(jsep);
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
$('register').disabled = false;
