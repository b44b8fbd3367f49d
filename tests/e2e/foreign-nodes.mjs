// SPDX-License-Identifier: LGPL-2.1-or-later
// DHT nodes of other implementations that store BEP 44's items: libtorrent's and webtorrent's. They all have the
// same three verbs.
import crypto from 'node:crypto';
import path from 'node:path';
import readline from 'node:readline';
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { packages, root } from './where.mjs';
import { soon } from './wait.mjs';

const patience = 25000; // libtorrent gives a lookup 15 s

/// Whoever signs items, in the forms that the implementations want: `secret` is RFC 8032's expanded key.
export class Author {
  constructor() {
    const { privateKey, publicKey } = crypto.generateKeyPairSync('ed25519');
    const raw = (key, type) => Buffer.from(key.export({ format: 'der', type })).subarray(-32);
    this.privateKey = privateKey;
    this.key = raw(publicKey, 'spki');
    this.secret = crypto.createHash('sha512').update(raw(privateKey, 'pkcs8')).digest();
    this.secret[0] &= 248;
    this.secret[31] = (this.secret[31] & 63) | 64;
  }

  sign(text) {
    return crypto.sign(null, text, this.privateKey);
  }

  target(salt) {
    return crypto.createHash('sha1').update(this.key).update(salt).digest('hex');
  }
}

const header = Buffer.from('302a300506032b6570032100', 'hex'); // an Ed25519 key in its SubjectPublicKeyInfo

function verify(signature, text, key) {
  try {
    const publicKey = crypto.createPublicKey({ key: Buffer.concat([header, key]), format: 'der', type: 'spki' });
    return crypto.verify(null, text, publicKey, signature);
  } catch {
    return false; // no key, or no signature
  }
}

/// Debian's python3-libtorrent, in a process of its own.
export class Libtorrent {
  static async start(address, bootstrap) {
    const node = new Libtorrent();
    node.address = address;
    // Debian's Python: another one that is first in the path has no libtorrent.
    node.process = spawn('/usr/bin/python3', [path.join(root, 'tests/e2e/libtorrent_node.py'), address, ...bootstrap],
      { stdio: ['pipe', 'pipe', 'inherit'] });
    node.process.stdin.on('error', () => {}); // it has ended; the answer that never comes says so
    node.answers = readline.createInterface({ input: node.process.stdout })[Symbol.asyncIterator]();
    return node;
  }

  async request(request) {
    this.process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value } = await soon(`libtorrent's answer to ${request.do}`, this.answers.next(), patience);
    const answer = JSON.parse(value ?? '{"error": "the process has ended"}');
    if (answer.error) throw new Error(`libtorrent, ${request.do}: ${answer.error}`);
    return answer;
  }

  async nodes() {
    return (await this.request({ do: 'nodes' })).nodes;
  }

  async put(value) {
    return (await this.request({ do: 'put', value })).target;
  }

  async putMutable(author, salt, value) {
    await this.request({ do: 'put', secret: author.secret.toString('hex'), key: author.key.toString('hex'), salt, value });
    return author.target(salt);
  }

  async get(target) {
    return (await this.request({ do: 'get', target })).value;
  }

  async getMutable(key, salt) {
    return (await this.request({ do: 'get', key: key.toString('hex'), salt })).value;
  }

  async stop() {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL'); // its own end waits for trackers
    await ended;
  }
}

/// npm's bittorrent-dht, in this process.
export class Webtorrent {
  static async start(address, bootstrap) {
    const { default: DHT } = await import(pathToFileURL(path.join(packages, 'bittorrent-dht', 'index.js')));
    const [host, port] = address.split(':');
    const node = new Webtorrent();
    node.address = address;
    node.dht = new DHT({ bootstrap, host, verify });
    node.dht.on('error', () => {});
    const ready = new Promise((resolve) => node.dht.once('ready', resolve));
    await new Promise((resolve) => node.dht.listen(Number(port), host, resolve));
    await soon('bittorrent-dht to be ready', ready, patience);
    return node;
  }

  async nodes() {
    return this.dht.nodes.count();
  }

  call(verb, ...args) {
    const done = new Promise((resolve, reject) => {
      this.dht[verb](...args, (error, result) => (error ? reject(error) : resolve(result)));
    });
    return soon(`bittorrent-dht's ${verb}`, done, patience);
  }

  async put(value) {
    return Buffer.from(await this.call('put', { v: Buffer.from(value) })).toString('hex');
  }

  async putMutable(author, salt, value, seq = 1) {
    const key = await this.call('put', { k: author.key, salt: Buffer.from(salt), seq, v: Buffer.from(value),
      sign: (text) => author.sign(text) });
    return Buffer.from(key).toString('hex');
  }

  async get(target) {
    return (await this.call('get', target, { cache: false }))?.v?.toString();
  }

  async getMutable(key, salt) {
    const target = crypto.createHash('sha1').update(key).update(salt).digest('hex');
    return (await this.call('get', target, { salt, cache: false }))?.v?.toString();
  }

  stop() {
    return new Promise((resolve) => this.dht.destroy(resolve));
  }
}
