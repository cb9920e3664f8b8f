/* The line of one file in the list: how far it is, how fast, how long it will take, and what went wrong. */
import { bytes, fill, time } from './words.js';

const SPEED_OVER = 8000;

export class Row {
  constructor(element, file, words, { pause, remove }) {
    Object.assign(this, { element, file, words, seen: [] });
    this.part('name').textContent = file.name;
    this.part('size').textContent = bytes(file.size);
    this.part('pause').addEventListener('click', pause);
    this.part('remove').addEventListener('click', remove);
  }

  part(name) { return this.element.querySelector('[data-part=' + name + ']'); }

  remove() { this.element.remove(); }

  say(words) {
    const error = this.part('error');
    error.hidden = !words;
    error.querySelector('span').textContent = words;
  }

  sayResumed(share) { this.part('left').textContent = fill(this.words.resumed, { percent: Math.floor(share) }); }

  sayNextTry(seconds) {
    this.part('left').textContent = '';
    this.say(fill(this.words.again, { time: time(seconds) }));
  }

  forgetSpeed() { this.seen = []; }

  show({ state, offset, share }) {
    this.part('bar').value = share;
    const button = this.part('pause');
    const isStopped = state === 'paused' || state === 'failed' || state === 'again';
    button.hidden = state === 'arrived';
    button.textContent = isStopped ? this.words.continue : this.words.pause;
    const speed = this.speed(state, offset);
    const done = { percent: Math.floor(share), done: bytes(offset), total: bytes(this.file.size), speed: bytes(speed) };
    this.part('done').textContent = state === 'sending' && speed ? fill(this.words.done, done) : '';
    const left = this.part('left');
    if (state === 'arrived') left.textContent = this.words.arrived;
    else if (state === 'paused') left.textContent = fill(this.words.paused, done);
    else if (state === 'waiting') left.textContent = this.words.waiting;
    else if (state === 'sending' && speed) left.textContent = fill(this.words.left, { time: time((this.file.size - offset) / speed) });
  }

  /* Bytes a second over the last seconds, so that a pause is soon forgotten. */
  speed(state, offset) {
    const now = performance.now();
    if (state === 'sending') this.seen.push([now, offset]);
    this.seen = this.seen.filter(([then]) => now - then < SPEED_OVER);
    if (this.seen.length < 2) return 0;
    const [[began, first]] = this.seen;
    return now - began < 200 ? 0 : Math.max(0, 1000 * (offset - first) / (now - began));
  }
}
