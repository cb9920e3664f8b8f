/* <form data-upload="/uploads/">: sends chosen files piece by piece by the tus protocol while the rest of the form is
 * filled in, goes on after a lost connection or a reload, shows the first lines, and submits the form when all is here.
 * Without this script the form is an ordinary one. Words come from data attributes, so that they are translated. */
(() => {
  const language = document.documentElement.lang || 'en';
  const FIRST_PIECE = 1024 ** 2, PIECE = 8 * 1024 ** 2, LONGEST_PAUSE = 30, SPEED_OVER = 8000, STALLED = 45000;
  const units = [['gigabyte', 1024 ** 3], ['megabyte', 1024 ** 2], ['kilobyte', 1024]];
  const bytes = count => {
    const [unit, size] = units.find(([, size]) => count >= size) || units[2];
    const digits = unit === 'kilobyte' ? 0 : 1;
    return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(count / size);
  };
  const time = seconds => {
    const part = (value, unit) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
    if (seconds < 60) return part(Math.max(1, Math.round(seconds)), 'second');
    if (seconds < 3600) return part(Math.floor(seconds / 60), 'minute') + ' ' + part(Math.floor(seconds % 60), 'second');
    return part(Math.floor(seconds / 3600), 'hour') + ' ' + part(Math.floor(seconds % 3600 / 60), 'minute');
  };
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);
  const inBase64 = text => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

  /* What this browser has begun to send: name, size and last change of a file tell it again after a reload. */
  const remembered = {
    key: file => 'xiaoyu-upload:' + [file.name, file.size, file.lastModified].join(':'),
    get: file => { try { return localStorage.getItem(remembered.key(file)); } catch { return null; } },
    set: (file, url) => { try { localStorage.setItem(remembered.key(file), url); } catch { /* a reload begins anew */ } },
    drop: file => { try { localStorage.removeItem(remembered.key(file)); } catch { /* nothing was kept */ } },
  };

  /* Of an old token the server says 403: the page, asked for once more, brings a new one, or the sign-in in its place. */
  const renewed = async form => {
    const answer = await fetch(location.href, { cache: 'no-store' }).catch(() => null);
    if (!answer || !answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const field = page.querySelector('form[data-upload] [name=csrfmiddlewaretoken]');
    if (field) form.querySelector('[name=csrfmiddlewaretoken]').value = field.value;
    return field ? true : 'signed out';
  };
  const ask = async (form, method, url, more) => {
    const answer = await request(form, method, url, more);
    if (answer.status !== 403) return answer;
    const how = await renewed(form);
    if (how === 'signed out') return { ...answer, status: 401 };
    return how ? request(form, method, url, more) : answer;
  };

  /* One request; resolves with its status and headers whatever the server says, rejects where there is no answer. */
  const request = (form, method, url, { headers = {}, body = null, progress = null, started = null } = {}) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const token = Xiaoyu.freshToken(form);
    // A form sent whole carries its token with it, and the server looks there first.
    if (body instanceof FormData) body.set('csrfmiddlewaretoken', token);
    request.open(method, url);
    Object.entries({ 'Tus-Resumable': '1.0.0', 'X-CSRFToken': token, ...headers }).forEach(([name, value]) => request.setRequestHeader(name, value));
    let silence = null;
    const listen = () => {
      clearTimeout(silence);
      if (body instanceof Blob) silence = setTimeout(() => { request.onabort = () => reject(new Error('lost')); request.abort(); }, STALLED);
    };
    if (progress) request.upload.onprogress = event => { listen(); progress(event.loaded); };
    request.onloadend = () => clearTimeout(silence);
    listen();
    request.onload = () => resolve({ status: request.status, header: name => request.getResponseHeader(name), text: request.responseText });
    request.onerror = () => reject(new Error('lost'));
    request.ontimeout = () => reject(new Error('lost'));
    request.onabort = () => reject(new Error('stopped'));
    // HEAD and the like are short: no answer for a minute is a lost connection.
    if (!body) request.timeout = 60000;
    if (started) started(request);
    request.send(body);
  });

  class Refused extends Error {}
  class SignedOut extends Refused {}

  class Sending {
    constructor(form, file, row, changed) {
      Object.assign(this, { form, file, row, changed, url: null, offset: 0, state: 'waiting', request: null, timer: null, tries: 0, seen: [] });
      this.part('name').textContent = file.name;
      this.part('size').textContent = bytes(file.size);
      this.part('pause').addEventListener('click', () => (this.state === 'paused' || this.state === 'failed' || this.timer ? this.resume() : this.pause()));
      this.part('remove').addEventListener('click', () => this.remove());
      this.show();
    }

    part(name) { return this.row.querySelector('[data-part=' + name + ']'); }
    get words() { return this.form.dataset; }
    get share() { return this.file.size ? Math.min(100, 100 * this.offset / this.file.size) : 100; }
    get isOver() { return this.state === 'arrived' || this.state === 'removed'; }

    async run() {
      if (this.isOver || this.state === 'sending' || this.state === 'paused') return;
      this.state = 'sending';
      this.seen = [];
      this.say('');
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
          if (this.offset) this.part('left').textContent = fill(this.words.resumed, { percent: Math.floor(this.share) });
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
      if (error instanceof Refused) { this.state = 'failed'; this.say(error.message); return; }
      if (error.message === 'stopped') { this.state = 'paused'; return; }
      this.state = 'again';
      this.readable().then(readable => {
        if (this.state !== 'again') return;
        if (!readable) { this.state = 'failed'; this.say(this.words.changed); this.show(); return; }
        this.countDown(Math.min(LONGEST_PAUSE, 2 ** this.tries));
        this.tries += 1;
      });
    }

    /* A file that was changed since it was chosen cannot be read any more, which looks like a lost connection. */
    async readable() {
      try { await this.file.slice(this.offset, this.offset + 1).arrayBuffer(); return true; } catch { return false; }
    }

    countDown(seconds) {
      this.part('left').textContent = '';
      this.say(fill(this.words.again, { time: time(seconds) }));
      this.timer = setTimeout(() => { this.timer = null; if (seconds > 1) this.countDown(seconds - 1); else this.run(); }, 1000);
      this.show();
    }

    pause() {
      if (this.isOver) return;
      this.state = 'paused';
      if (this.request) this.request.abort();
      this.show();
      this.changed(this);
    }

    resume() {
      clearTimeout(this.timer);
      this.timer = null;
      this.tries = 0;
      this.state = 'waiting';
      this.show();
      this.changed(this);
    }

    remove() {
      clearTimeout(this.timer);
      this.timer = null;
      const wasAt = this.url || remembered.get(this.file);
      this.state = 'removed';
      if (this.request) this.request.abort();
      remembered.drop(this.file);
      this.row.remove();
      if (wasAt) ask(this.form, 'DELETE', wasAt).catch(() => { /* it expires by itself */ });
      this.changed(this);
    }

    say(words) {
      const error = this.part('error');
      error.hidden = !words;
      error.querySelector('span').textContent = words;
    }

    show() {
      if (this.state === 'removed') return;
      this.part('bar').value = this.share;
      const button = this.part('pause');
      const goesOn = this.state === 'paused' || this.state === 'failed' || this.state === 'again';
      button.hidden = this.state === 'arrived';
      button.textContent = goesOn ? this.words.continue : this.words.pause;
      const done = { percent: Math.floor(this.share), done: bytes(this.offset), total: bytes(this.file.size), speed: bytes(this.speed()) };
      this.part('done').textContent = this.state === 'sending' && this.speed() ? fill(this.words.done, done) : '';
      const left = this.part('left');
      if (this.state === 'arrived') left.textContent = this.words.arrived;
      else if (this.state === 'paused') left.textContent = fill(this.words.paused, done);
      else if (this.state === 'waiting') left.textContent = this.words.waiting;
      else if (this.state === 'sending' && this.speed()) left.textContent = fill(this.words.left, { time: time((this.file.size - this.offset) / this.speed()) });
    }

    /* Bytes a second over the last seconds, so that a pause is soon forgotten. */
    speed() {
      const now = performance.now();
      if (this.state === 'sending') this.seen.push([now, this.offset]);
      this.seen = this.seen.filter(([then]) => now - then < SPEED_OVER);
      if (this.seen.length < 2) return 0;
      const [[began, first]] = this.seen;
      return now - began < 200 ? 0 : Math.max(0, 1000 * (this.offset - first) / (now - began));
    }
  }

  const start = form => {
    const input = form.querySelector('input[type=file]');
    const drop = form.querySelector('[data-drop]');
    const list = form.querySelector('[data-upload-list]');
    const template = form.querySelector('[data-upload-row]');
    const error = form.querySelector('[data-upload-error]');
    const preview = form.querySelector('[data-upload-preview]');
    const status = form.querySelector('[data-upload-say]');
    const signIn = form.querySelector('[data-upload-signin]');
    let wasComplete = false;
    let sendings = [], submitter = null, isWaiting = false, isGone = false, previewed = '', said = 0;

    const fail = (message, field = 'file') => {
      isWaiting = false;
      delete form.dataset.sent;
      form.querySelectorAll('button').forEach(button => { button.disabled = false; });
      error.querySelector('span').textContent = message;
      error.hidden = !message;
      const at = form.querySelector('[name="' + field + '"]') || input;
      at.setAttribute('aria-invalid', 'true');
      at.focus();
    };
    const clear = () => { error.hidden = true; input.removeAttribute('aria-invalid'); };
    const isSame = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

    const add = files => {
      clear();
      if (!input.multiple) [...sendings].forEach(sending => { if (!files.some(file => isSame(file, sending.file))) sending.remove(); });
      (input.multiple ? files : files.slice(0, 1)).forEach(file => {
        if (sendings.some(sending => isSame(sending.file, file))) return;
        if (form.dataset.limit && file.size > Number(form.dataset.limit)) { fail(form.dataset.tooLarge); return; }
        const row = template.content.firstElementChild.cloneNode(true);
        list.append(row);
        sendings.push(new Sending(form, file, row, changed));
      });
      list.hidden = !sendings.length;
      form.dispatchEvent(new CustomEvent('xiaoyu:file', { detail: sendings.length ? sendings[0].file : null, bubbles: true }));
      next();
    };
    const removeAll = () => [...sendings].forEach(sending => sending.remove());

    /* One file at a time, in order; a paused or refused one lets the next go first. */
    const next = () => {
      if (sendings.some(sending => sending.state === 'sending')) return;
      const waiting = sendings.find(sending => sending.state === 'waiting');
      if (waiting) waiting.run();
    };

    const changed = sending => {
      sendings = sendings.filter(one => one.state !== 'removed');
      list.hidden = !sendings.length;
      if (!sendings.length) { preview.hidden = true; preview.replaceChildren(); previewed = ''; }
      if (sending === sendings[0]) showFirstLines();
      if (performance.now() - said > 5000 && sending.state === 'sending') { said = performance.now(); status.textContent = sending.file.name + ' ' + Math.floor(sending.share) + '%'; }
      if (sending.state === 'arrived') status.textContent = sending.file.name + ': ' + form.dataset.arrived;
      if (sending.isSignedOut) signIn.hidden = false;
      if (sending.state === 'arrived' || sending.state === 'sending') signIn.hidden = true;
      if (sending.state === 'failed' && isWaiting && !sending.isSignedOut) { isWaiting = false; form.querySelectorAll('button').forEach(button => { button.disabled = false; }); delete form.dataset.sent; }
      next();
      if (isWaiting && sendings.length && sendings.every(one => one.state === 'arrived')) submit();
    };

    const showFirstLines = async (isForced = false) => {
      const first = sendings[0];
      if (!first || !first.url || first.offset < Math.min(FIRST_PIECE, first.file.size)) return;
      const chosen = [...form.querySelectorAll('[data-reading]')].map(field => [field.name, field.value]);
      const key = first.url + (first.state === 'arrived') + JSON.stringify(chosen);
      const isKnown = previewed && previewed.startsWith(first.url) && preview.querySelector('table');
      if (key === previewed || (isKnown && !isForced)) return;
      previewed = key;
      try {
        const answer = await fetch(first.url + 'preview/?' + new URLSearchParams(chosen), { headers: { 'HX-Request': 'true' } });
        if (answer.status !== 200 || key !== previewed) return;
        preview.innerHTML = await answer.text();
        preview.hidden = false;
      } catch { /* the preview is a comfort; the upload tells what is wrong */ }
    };
    form.addEventListener('change', event => { if (event.target.matches('[data-reading]')) showFirstLines(true); });

    const submit = async () => {
      if (isGone) return;
      form.querySelector('[data-upload-keys]').value = sendings.map(sending => sending.url.split('/').filter(Boolean).pop()).join(',');
      const body = new FormData(form, submitter);
      body.delete('file');
      isGone = true;
      status.textContent = form.dataset.storing;
      try {
        const answer = await ask(form, 'POST', form.action, { headers: { Accept: 'application/json' }, body });
        let said = {};
        try { said = JSON.parse(answer.text); } catch { /* an error page: told below */ }
        if (answer.status === 200 && said.url) { sendings.forEach(sending => remembered.drop(sending.file)); location.assign(said.url); return; }
        isGone = false;
        if (answer.status === 401) { wasComplete = true; signIn.hidden = false; status.textContent = form.dataset.signedOut; return; }
        const [field, message] = Object.entries(said.errors || {})[0] || ['file', form.dataset.failed];
        fail(message, field);
      } catch {
        isGone = false;
        fail(form.dataset.failed);
      }
    };

    /* Back from the tab of the sign-in, everything goes on: what was being sent, and the form that was to be read. */
    const goOn = () => {
      if (signIn.hidden || document.visibilityState !== 'visible') return;
      if (wasComplete) { wasComplete = false; signIn.hidden = true; submit(); return; }
      sendings.filter(sending => sending.isSignedOut).forEach(sending => { sending.isSignedOut = false; sending.resume(); });
    };
    window.addEventListener('focus', goOn);
    document.addEventListener('visibilitychange', goOn);

    input.addEventListener('change', () => {
      const files = [...input.files];
      if (!files.length) { removeAll(); return; }
      add(files);
    });
    ['dragenter', 'dragover'].forEach(name => drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add('over'); }));
    ['dragleave', 'drop'].forEach(name => drop.addEventListener(name, event => { event.preventDefault(); drop.classList.remove('over'); }));
    drop.addEventListener('drop', event => { if (event.dataTransfer.files.length) { add([...event.dataTransfer.files]); input.files = event.dataTransfer.files; } });
    window.addEventListener('online', () => sendings.filter(sending => sending.timer).forEach(sending => sending.resume()));

    form.addEventListener('submit', event => {
      if (!sendings.length) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (isWaiting || isGone) return;
      submitter = event.submitter;
      isWaiting = true;
      clear();
      sendings.filter(sending => sending.state === 'paused' || sending.state === 'failed').forEach(sending => sending.resume());
      form.querySelectorAll('.ph button, .acts button').forEach(button => { button.disabled = true; });
      status.textContent = form.dataset.wait;
      if (sendings.every(sending => sending.state === 'arrived')) submit();
    }, true);
  };
  document.querySelectorAll('form[data-upload]').forEach(start);
})();
