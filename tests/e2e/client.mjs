// SPDX-License-Identifier: LGPL-2.1-or-later
// Janus's WebSocket protocol, as much of it as the tests need.
import { load } from './where.mjs';
import { soon } from './wait.mjs';

const WebSocket = load('ws');
const keepaliveEvery = 25000; // Janus drops a session after 60 s of silence

/// Keeps what arrives until somebody asks for it, so that nothing is missed between two questions.
class Mailbox {
  kept = [];
  waiting = new Set();

  put(message) {
    for (const waiter of this.waiting) {
      if (!waiter.wanted(message)) continue;
      this.waiting.delete(waiter);
      return waiter.resolve(message);
    }
    this.kept.push(message);
  }

  async take(what, wanted, within) {
    const index = this.kept.findIndex(wanted);
    if (index >= 0) return this.kept.splice(index, 1)[0];
    const waiter = { wanted };
    const promise = new Promise((resolve) => { waiter.resolve = resolve; });
    this.waiting.add(waiter);
    try {
      return await soon(what, promise, within);
    } catch (error) {
      error.message += `; arrived instead: ${JSON.stringify(this.kept.map((each) => each.plugindata?.data ?? each.janus))}`;
      throw error;
    } finally {
      this.waiting.delete(waiter);
    }
  }
}

export class Session {
  handles = new Map();
  inbox = new Mailbox();
  count = 0;

  /// `token`: for a Janus that knows who may talk to it by tokens.
  static async open(url, { token } = {}) {
    const session = new Session();
    session.token = token;
    session.socket = new WebSocket(url, 'janus-protocol');
    session.closed = new Promise((resolve) => session.socket.once('close', resolve));
    session.closed.then(() => { session.lost = true; });
    session.socket.on('message', (text) => session.receive(JSON.parse(text)));
    await soon(`a WebSocket to ${url}`, new Promise((resolve, reject) => {
      session.socket.once('open', resolve);
      session.socket.once('error', reject);
    }));
    session.socket.on('error', () => {}); // 'close' follows
    session.id = (await session.ask({ janus: 'create' })).data.id;
    session.timer = setInterval(() => session.send({ janus: 'keepalive' }), keepaliveEvery);
    return session;
  }

  send(message) {
    const transaction = `t${++this.count}`;
    this.socket.send(JSON.stringify({ transaction, ...(this.id && { session_id: this.id }),
      ...(this.token && { token: this.token }), ...message }));
    return transaction;
  }

  /// Sends and returns Janus's own answer: success or ack.
  async ask(message, within) {
    const transaction = this.send(message);
    const wanted = (each) => each.transaction === transaction && each.janus !== 'event';
    const answer = await this.inbox.take(`an answer to ${message.janus}`, wanted, within);
    if (answer.janus === 'error') throw new Error(`Janus refused ${message.janus}: ${answer.error.reason}`);
    return answer;
  }

  receive(message) {
    const handle = this.handles.get(message.sender);
    if (handle && message.janus !== 'ack') handle.inbox.put(message);
    else if (message.transaction) this.inbox.put(message);
  }

  async attach(plugin) {
    const { data } = await this.ask({ janus: 'attach', plugin });
    const handle = new Handle(this, data.id);
    this.handles.set(data.id, handle);
    return handle;
  }

  /// Says goodbye and waits until the socket is closed.
  async close() {
    clearInterval(this.timer);
    if (this.socket.readyState === WebSocket.OPEN) {
      await this.ask({ janus: 'destroy' });
      this.socket.close();
    }
    await soon('the WebSocket closes', this.closed);
  }

  /// As when the network or the program goes away: no goodbye.
  drop() {
    clearInterval(this.timer);
    this.socket.terminate();
  }
}

export class Handle {
  inbox = new Mailbox();

  constructor(session, id) {
    this.session = session;
    this.id = id;
  }

  send(message) { return this.session.send({ handle_id: this.id, ...message }); }

  /// Sends a request to the plugin; the event that answers it.
  async request(body, { jsep, within } = {}) {
    const transaction = this.send({ janus: 'message', body, ...(jsep && { jsep }) });
    const answers = (each) => each.janus === 'event' && each.transaction === transaction;
    return this.inbox.take(`the plugin's answer to ${body.request}`, answers, within);
  }

  /// The next event of the plugin with this name, asked for or not.
  async event(name, { within, where = () => true } = {}) {
    const named = ({ plugindata }) => plugindata?.data?.result?.event === name && where(plugindata.data.result);
    return this.inbox.take(`the event ${name}`, named, within);
  }

  /// The next thing that the core says about the handle: webrtcup, hangup, media, slowlink.
  async core(name, { within } = {}) {
    return this.inbox.take(`Janus says ${name}`, (each) => each.janus === name, within);
  }

  trickle(candidate) { this.send({ janus: 'trickle', candidate: candidate ?? { completed: true } }); }

  async detach() {
    await this.session.ask({ janus: 'detach', handle_id: this.id });
    this.session.handles.delete(this.id);
  }
}
