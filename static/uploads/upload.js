/* <form data-upload="/uploads/">: sends chosen files while the rest of the form is filled in, shows the first lines, and
 * submits the form when all have arrived. Without this script the form is an ordinary one. Words come from data
 * attributes, so that they are translated. One file on its way: sending.js. */
import { Preview } from './preview.js';
import { remembered } from './remembered.js';
import { ask } from './requests.js';
import { Sending } from './sending.js';

const SAID_EVERY = 5000;

const start = form => {
  const input = form.querySelector('input[type=file]');
  const drop = form.querySelector('[data-drop]');
  const list = form.querySelector('[data-upload-list]');
  const template = form.querySelector('[data-upload-row]');
  const error = form.querySelector('[data-upload-error]');
  const status = form.querySelector('[data-upload-say]');
  const signIn = form.querySelector('[data-upload-signin]');
  const preview = new Preview(form);
  let wasComplete = false;
  let sendings = [], submitter = null, isWaiting = false, isGone = false, said = 0;

  const mayPress = () => {
    isWaiting = false;
    delete form.dataset.sent;
    form.querySelectorAll('button').forEach(button => { button.disabled = false; });
  };
  const fail = (message, field = 'file') => {
    mayPress();
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
    if (!sendings.length) preview.clear();
    if (sending === sendings[0]) preview.show(sending);
    say(sending);
    if (sending.state === 'failed' && isWaiting && !sending.isSignedOut) mayPress();
    next();
    if (isWaiting && sendings.length && sendings.every(one => one.state === 'arrived')) submit();
  };

  /* For who listens: how far it is, now and then, and that it has arrived. */
  const say = sending => {
    if (sending.state === 'sending' && performance.now() - said > SAID_EVERY) {
      said = performance.now();
      status.textContent = sending.file.name + ' ' + Math.floor(sending.share) + '%';
    }
    if (sending.state === 'arrived') status.textContent = sending.file.name + ': ' + form.dataset.arrived;
    if (sending.isSignedOut) signIn.hidden = false;
    if (sending.state === 'arrived' || sending.state === 'sending') signIn.hidden = true;
  };

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

  form.addEventListener('change', event => { if (event.target.matches('[data-reading]')) preview.show(sendings[0], true); });
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
