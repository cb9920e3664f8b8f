/* One file on its way, piece by piece by the tus protocol: goes on after a lost connection, a pause or a reload. */
import { remembered } from './remembered.js';
import { ask } from './requests.js';
import { Row } from './row.js';

export const FIRST_PIECE = 1024 ** 2;
const PIECE = 8 * 1024 ** 2, LONGEST_PAUSE = 30;
const inBase64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

class Refused extends Error {}
class SignedOut extends Refused {}

export class Sending {
  constructor(form, file, element, changed) {
    Object.assign(this, { form, file, changed, url: null, offset: 0, state: 'waiting', request: null, timer: null, tries: 0 });
    this.row = new Row(element, file, this.words, { pause: () => this.pauseOrResume(), remove: () => this.remove() });
    this.show();
  }

  get words() { return this.form.dataset; }
  get share() { return this.file.size ? Math.min(100, 100 * this.offset / this.file.size) : 100; }
  get isOver() { return this.state === 'arrived' || this.state === 'removed'; }

  async run() {
    if (this.isOver || this.state === 'sending' || this.state === 'paused') return;
    this.state = 'sending';
    this.row.forgetSpeed();
    this.row.say('');
    try {
      await this.find();
      while (this.offset < this.file.size && this.state === 'sending') await this.sendPiece();
      if (this.state === 'sending') this.state = 'arrived';
    } catch (error) {
      this.stumble(error);
    }
    this.show();
    this.changed(this);
  }

  /* Ask how much the server has, or open an upload there. */
  async find() {
    if (!this.url) this.url = remembered.get(this.file);
    if (this.url) {
      const answer = await ask(this.form, 'HEAD', this.url);
      const length = Number(answer.header('Upload-Length'));
      if (answer.status === 200 && length === this.file.size) {
        this.offset = Number(answer.header('Upload-Offset'));
        if (this.offset) this.row.sayResumed(this.share);
        return;
      }
      if (answer.status === 401 || answer.status >= 500) throw this.refusal(answer);
      remembered.drop(this.file);
    }
    const name = 'filename ' + inBase64(this.file.name);
    const answer = await ask(this.form, 'POST', this.words.upload, { headers: { 'Upload-Length': String(this.file.size), 'Upload-Metadata': name } });
    if (answer.status !== 201) throw this.refusal(answer);
    this.url = new URL(answer.header('Location'), location.href).pathname;
    this.offset = 0;
    remembered.set(this.file, this.url);
  }

  async sendPiece() {
    const begin = this.offset;
    const body = this.file.slice(begin, begin + (begin ? PIECE : FIRST_PIECE));
    const answer = await ask(this.form, 'PATCH', this.url, {
      headers: { 'Upload-Offset': String(begin), 'Content-Type': 'application/offset+octet-stream' }, body,
      progress: loaded => { this.offset = begin + Math.min(loaded, body.size); this.show(); },
      started: request => { this.request = request; },
    });
    this.request = null;
    this.offset = begin;
    if (answer.status === 409) { this.offset = Number(answer.header('Upload-Offset')); this.tries += 1; if (this.tries > 5) throw new Error('lost'); return; }
    if (answer.status === 404 || answer.status === 410) { remembered.drop(this.file); this.url = null; await this.find(); return; }
    if (answer.status !== 204) throw this.refusal(answer);
    this.offset = Number(answer.header('Upload-Offset'));
    this.tries = 0;
    this.show();
    this.changed(this);
  }

  /* A sentence of the server ends the upload until someone presses Continue; a failure of the server is tried again. */
  refusal(answer) {
    const isSentence = (answer.header('Content-Type') || '').startsWith('text/plain') && answer.text.length < 600;
    if (answer.status >= 500 && answer.status !== 507) return new Error('lost');
    if (answer.status === 401) return new SignedOut(this.words.signedOut);
    return new Refused(isSentence ? answer.text : this.words.failed);
  }

  stumble(error) {
    this.request = null;
    if (this.state !== 'sending') return;
    this.isSignedOut = error instanceof SignedOut;
    if (error instanceof Refused) { this.state = 'failed'; this.row.say(error.message); return; }
    if (error.message === 'stopped') { this.state = 'paused'; return; }
    this.state = 'again';
    this.isReadable().then(isReadable => {
      if (this.state !== 'again') return;
      if (!isReadable) { this.state = 'failed'; this.row.say(this.words.changed); this.show(); return; }
      this.countDown(Math.min(LONGEST_PAUSE, 2 ** this.tries));
      this.tries += 1;
    });
  }

  /* A file that was changed since it was chosen can no longer be read, which looks like a lost connection. */
  async isReadable() {
    try { await this.file.slice(this.offset, this.offset + 1).arrayBuffer(); return true; } catch { return false; }
  }

  countDown(seconds) {
    this.row.sayNextTry(seconds);
    this.timer = setTimeout(() => { this.timer = null; if (seconds > 1) this.countDown(seconds - 1); else this.run(); }, 1000);
    this.show();
  }

  stopCounting() {
    clearTimeout(this.timer);
    this.timer = null;
  }

  pauseOrResume() {
    if (this.state === 'paused' || this.state === 'failed' || this.timer) this.resume();
    else this.pause();
  }

  pause() {
    if (this.isOver) return;
    this.state = 'paused';
    if (this.request) this.request.abort();
    this.show();
    this.changed(this);
  }

  resume() {
    this.stopCounting();
    this.tries = 0;
    this.state = 'waiting';
    this.show();
    this.changed(this);
  }

  remove() {
    this.stopCounting();
    const wasAt = this.url || remembered.get(this.file);
    this.state = 'removed';
    if (this.request) this.request.abort();
    remembered.drop(this.file);
    this.row.remove();
    if (wasAt) ask(this.form, 'DELETE', wasAt).catch(() => { /* it expires by itself */ });
    this.changed(this);
  }

  show() { if (this.state !== 'removed') this.row.show(this); }
}
