// SPDX-License-Identifier: LGPL-2.1-or-later
// A call whose media goes from browser to browser, and over the servers when the two cannot connect. Used as
// `Call` is. A page that can be called so says it when it registers: { request: 'register', username, direct: true }.
import { Call } from './call.js';

export class DirectCall {
  #calling = false;
  #early = [];                   // the other's candidates, while its description is not here
  #turn = Promise.resolve();     // one thing that is heard after the other
  #accepting; #accepted = false;
  #bridged;

  /// `configuration` is RTCPeerConnection's: STUN and TURN servers are the page's own affair, Viaduct has none.
  constructor(janus, own, show, configuration = {}) {
    Object.assign(this, { janus, own, show });
    const pc = this.pc = new RTCPeerConnection(configuration);
    for (const track of own.getTracks()) pc.addTrack(track, own);
    pc.ontrack = ({ streams }) => show(streams[0]);
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === 'connected') this.#tell({ request: 'connected' });
      // After a while the server asks the caller's page to bridge. Who knows sooner that it is in vain says so.
      if (pc.connectionState === 'failed') this.#calling ? this.heard({ event: 'bridge' }) : this.#tell({ request: 'bridge' });
    };
  }

  /// "direct", or "bridged" once media is to go over the servers.
  get media() { return this.#bridged ? 'bridged' : 'direct'; }

  async offer(username) {
    this.#calling = true;
    await this.pc.setLocalDescription(await this.pc.createOffer());
    return this.#say({ request: 'call', username, media: 'direct' });
  }

  /// What `incomingcall` brought, and what was heard since.
  async answer(description, heard = []) {
    await this.pc.setRemoteDescription(description);
    for (const each of heard) this.heard(each);
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    this.#accepting = this.#say({ request: 'accept' }).then(
      (said) => {
        this.#accepted = true;
        return said;
      },
      (error) => {
        if (error.reason !== 'missing-sdp') throw error; // else the caller bridges it: the offer is here, or comes
      });
    return this.#accepting;
  }

  async accepted(jsep, { description } = {}) {
    if (this.#bridged) return jsep && this.#bridged.accepted(jsep);
    await this.pc.setRemoteDescription(description);
    for (const candidate of this.#early.splice(0)) await this.#add(candidate);
  }

  /// What the server says of a direct call: `candidate`, `bridge` and `bridged`.
  heard(result, jsep) {
    const act = { candidate: () => this.#add(result.candidate), bridge: () => this.#bridge(jsep),
      bridged: () => this.#bridged?.accepted(jsep) }[result.event];
    this.#turn = this.#turn.then(act).catch((error) => console.error(`${result.event}: ${error.message}`));
    return this.#turn;
  }

  end() {
    this.pc.onconnectionstatechange = null;
    this.pc.close();
    this.#bridged?.end();
    for (const track of this.own.getTracks()) track.stop();
  }

  /// Our description, and after it our candidates.
  #say(body) {
    const { type, sdp } = this.pc.localDescription;
    const answer = this.janus.request({ ...body, description: { type, sdp } });
    this.pc.onicecandidate = ({ candidate }) => {
      if (!this.#bridged) this.#tell({ request: 'candidate', candidate: candidate?.toJSON() ?? null });
    };
    return answer;
  }

  /// What may come too late: the call is over, or bridged.
  #tell(body) { this.janus.request(body).catch(() => {}); }

  async #add(candidate) {
    if (!candidate || this.#bridged) return;
    if (!this.pc.remoteDescription) this.#early.push(candidate);
    else await this.pc.addIceCandidate(candidate).catch(() => {}); // of a kind that this browser does not know
  }

  /// The caller offers, the callee answers `offer`.
  async #bridge(offer) {
    if (this.#bridged) return;
    await this.#accepting?.catch(() => {});
    this.pc.onconnectionstatechange = null;
    this.pc.close();
    this.#bridged = new Call(this.janus, this.own, this.show);
    if (this.#calling) await this.#bridged.bridge();
    else await this.#bridged.answer(offer, { request: this.#accepted ? 'bridge' : 'accept' });
  }
}
