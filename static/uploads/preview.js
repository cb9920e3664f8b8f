/* The first lines of the first file, as the server reads them with what is chosen in the form. */
import { FIRST_PIECE } from './sending.js';

export class Preview {
  constructor(form) {
    this.form = form;
    this.place = form.querySelector('[data-upload-preview]');
    this.shown = '';
  }

  clear() {
    this.place.hidden = true;
    this.place.replaceChildren();
    this.shown = '';
  }

  async show(first, isForced = false) {
    if (!first || !first.url || first.offset < Math.min(FIRST_PIECE, first.file.size)) return;
    const chosen = [...this.form.querySelectorAll('[data-reading]')].map(field => [field.name, field.value]);
    const key = first.url + (first.state === 'arrived') + JSON.stringify(chosen);
    const isKnown = this.shown && this.shown.startsWith(first.url) && this.place.querySelector('table');
    if (key === this.shown || (isKnown && !isForced)) return;
    this.shown = key;
    try {
      const answer = await fetch(first.url + 'preview/?' + new URLSearchParams(chosen), { headers: { 'HX-Request': 'true' } });
      if (answer.status !== 200 || key !== this.shown) return;
      this.place.innerHTML = await answer.text();
      this.place.hidden = false;
    } catch { /* the preview is a comfort; the upload itself says what is wrong */ }
  }
}
