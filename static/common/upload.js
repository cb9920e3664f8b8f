/* <form data-upload>: sends its file with progress, speed and time left; drop target; checks the size before sending.
 * Without this script the form is an ordinary one. Words come from data attributes, so that they are translated. */
(() => {
  const language = document.documentElement.lang || 'en';
  const units = [['gigabyte', 1024 ** 3], ['megabyte', 1024 ** 2], ['kilobyte', 1024]];
  const bytes = count => {
    const [unit, size] = units.find(([, size]) => count >= size) || units[2];
    const digits = unit === 'kilobyte' ? 0 : 1;
    return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(count / size);
  };
  const time = seconds => {
    const part = (value, unit) => new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value);
    if (seconds < 60) return part(Math.max(1, Math.round(seconds)), 'second');
    if (seconds < 3600) return part(Math.floor(seconds / 60), 'minute') + ' ' + part(Math.round(seconds % 60), 'second');
    return part(Math.floor(seconds / 3600), 'hour') + ' ' + part(Math.round(seconds % 3600 / 60), 'minute');
  };
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (all, key) => values[key] ?? all);

  const start = form => {
    const input = form.querySelector('input[type=file]');
    const drop = form.querySelector('[data-drop]');
    const panel = form.querySelector('[data-upload-progress]');
    const bar = panel.querySelector('progress');
    const error = form.querySelector('[data-upload-error]');
    const part = name => form.querySelector('[data-upload-' + name + ']');
    let request = null;

    const fail = (message, field = 'file') => {
      panel.hidden = true;
      drop.hidden = false;
      delete form.dataset.sent;
      form.querySelectorAll('button').forEach(button => { button.disabled = false; });
      error.querySelector('span').textContent = message;
      error.hidden = !message;
      const at = form.querySelector('[name="' + field + '"]') || input;
      at.setAttribute('aria-invalid', 'true');
      at.focus();
    };
    const tooLarge = file => file && form.dataset.limit && file.size > Number(form.dataset.limit);
    const chosen = () => {
      const file = input.files[0];
      error.hidden = true;
      input.removeAttribute('aria-invalid');
      form.dispatchEvent(new CustomEvent('xiaoyu:file', { detail: file, bubbles: true }));
      const or = form.querySelector('.drop-or');
      if (!or.dataset.words) or.dataset.words = or.textContent;
      or.textContent = file ? file.name + ' · ' + bytes(file.size) : or.dataset.words;
      or.classList.toggle('strong', Boolean(file));
      if (tooLarge(file)) fail(form.dataset.tooLarge);
    };
    input.addEventListener('change', chosen);
    ['dragenter', 'dragover'].forEach(name => drop.addEventListener(name, event => { event.preventDefault(); drop.classList.add('over'); }));
    ['dragleave', 'drop'].forEach(name => drop.addEventListener(name, event => { event.preventDefault(); drop.classList.remove('over'); }));
    drop.addEventListener('drop', event => {
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      chosen();
    });
    part('stop').addEventListener('click', () => { if (request) request.abort(); });

    const show = (file, began) => {
      let said = 0;
      return event => {
        const seconds = (performance.now() - began) / 1000;
        const speed = event.loaded / Math.max(seconds, 0.001);
        const share = Math.min(100, 100 * event.loaded / event.total);
        bar.value = share;
        part('done').textContent = fill(form.dataset.done, { percent: Math.floor(share), done: bytes(event.loaded), total: bytes(event.total), speed: bytes(speed) });
        const left = event.loaded >= event.total ? form.dataset.storing : fill(form.dataset.left, { time: time((event.total - event.loaded) / Math.max(speed, 1)) });
        part('left').textContent = left;
        if (performance.now() - said > 5000) { said = performance.now(); part('say').textContent = Math.floor(share) + '%, ' + left; }
      };
    };

    form.addEventListener('submit', event => {
      const file = input.files[0];
      if (!file) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (request) return;
      if (tooLarge(file)) { fail(form.dataset.tooLarge); return; }
      const body = new FormData(form, event.submitter);
      form.querySelectorAll('button:not([data-upload-stop])').forEach(button => { button.disabled = true; });
      drop.hidden = true;
      error.hidden = true;
      panel.hidden = false;
      part('name').textContent = file.name;
      request = new XMLHttpRequest();
      request.open('POST', form.action);
      request.setRequestHeader('Accept', 'application/json');
      request.upload.onprogress = show(file, performance.now());
      request.onload = () => {
        let answer = {};
        try { answer = JSON.parse(request.responseText); } catch { /* an error page: told below */ }
        const status = request.status;
        request = null;
        if (status === 200 && answer.url) { location.assign(answer.url); return; }
        const [field, message] = Object.entries(answer.errors || {})[0] || ['file', form.dataset.failed];
        fail(message, field);
      };
      request.onerror = () => { request = null; fail(form.dataset.lost); };
      request.onabort = () => { request = null; fail(form.dataset.stopped); };
      request.send(body);
    }, true);
  };
  document.querySelectorAll('form[data-upload]').forEach(start);
})();
