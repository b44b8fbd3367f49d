// SPDX-License-Identifier: LGPL-2.1-or-later
// As much of Janus's WebSocket protocol as one handle of one plugin needs.

/// The plugin or Janus said no: `code` is a number, `reason` one word, the message a sentence.
export class Refused extends Error {
  constructor(message, code, reason) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export class Janus {
  #socket; #session; #handle; #timer;
  #count = 0;
  #asked = new Map();
  #waiting = [];          // what is to be said after the request that Janus has not acknowledged yet
  #unacknowledged = false;
  /// Called with (event's result, jsep) for whatever was not asked for.
  onevent = () => {};
  /// Called when the connection to the server is gone.
  onclose = () => {};
  /// Called when the server closed its end of the media.
  onmediaend = () => {};

  async open(url, plugin) {
    this.#socket = new WebSocket(url, 'janus-protocol');
    await new Promise((resolve, reject) => {
      this.#socket.onopen = resolve;
      this.#socket.onerror = () => reject(new Refused('The server does not answer.', undefined, 'server-unreachable'));
    });
    this.#socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    this.#socket.onclose = () => {
      clearInterval(this.#timer);
      this.onclose();
    };
    this.#session = (await this.#ask({ janus: 'create' })).data.id;
    this.#handle = (await this.#ask({ janus: 'attach', plugin })).data.id;
    this.#timer = setInterval(() => this.#send({ janus: 'keepalive' }), 25000); // Janus forgets us after 60 s
  }

  /// Sends a request to the plugin; its answer's result. Janus hands over what follows too closely in any order, so
  /// one leaves when the one before it is acknowledged.
  async request(body, jsep) {
    const message = { janus: 'message', handle_id: this.#handle, body, ...(jsep && { jsep }) };
    const { plugindata, jsep: answer } = await new Promise((resolve, reject) => this.#inTurn(() => {
      this.#unacknowledged = true;
      this.#asked.set(this.#send(message), { resolve, reject, ordered: true });
    }));
    const data = plugindata.data;
    if (data.error_code !== undefined) throw new Refused(data.error, data.error_code, data.reason);
    return { ...data.result, jsep: answer };
  }

  trickle(candidate) {
    const message = { janus: 'trickle', handle_id: this.#handle, candidate: candidate ?? { completed: true } };
    this.#inTurn(() => this.#send(message));
  }

  close() { this.#socket?.close(); }

  #inTurn(say) {
    this.#waiting.push(say);
    this.#go();
  }

  #go() {
    while (!this.#unacknowledged && this.#waiting.length > 0) this.#waiting.shift()();
  }

  #send(message) {
    const transaction = `t${++this.#count}`;
    this.#socket.send(JSON.stringify({ transaction, ...(this.#session && { session_id: this.#session }), ...message }));
    return transaction;
  }

  #ask(message) {
    return new Promise((resolve, reject) => this.#asked.set(this.#send(message), { resolve, reject }));
  }

  #receive(message) {
    const asked = this.#asked.get(message.transaction);
    if (asked?.ordered) {
      asked.ordered = this.#unacknowledged = false;
      this.#go();
    }
    if (message.janus === 'ack') return; // the plugin's answer follows
    if (asked) {
      this.#asked.delete(message.transaction);
      if (message.janus === 'error') asked.reject(new Refused(message.error.reason, message.error.code));
      else asked.resolve(message);
    } else if (message.janus === 'event') {
      const { data } = message.plugindata;
      this.onevent(data.result ?? { event: 'error', ...data }, message.jsep);
    } else if (message.janus === 'hangup') {
      this.onmediaend(message.reason);
    }
  }
}
