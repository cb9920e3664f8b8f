/* Small behaviour of every page: menus, drawer, dialogs, toasts, widths from data, one click = one submit. */
(() => {
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  /* Menus are <details class="menu">: close on Escape, on a click elsewhere, on leaving with Tab. */
  const closeMenus = (except = null) => $$('details.menu[open]').forEach(menu => { if (menu !== except) menu.open = false; });
  document.addEventListener('click', event => closeMenus(event.target.closest('details.menu')));
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    const menu = document.activeElement && document.activeElement.closest('details.menu[open]');
    closeMenus();
    if (menu) menu.querySelector('summary').focus();
    drawer(false);
  });
  document.addEventListener('focusin', event => closeMenus(event.target.closest('details.menu')));

  /* The drawer below 820 px. Without script the button is a link to #side, which :target shows. */
  const opener = document.querySelector('.menu-b');
  function drawer(open) {
    if (document.body.classList.contains('drawer') === open) return;
    document.body.classList.toggle('drawer', open);
    opener.setAttribute('aria-expanded', open);
    document.querySelector('.shell').inert = open;
    if (open) document.querySelector('.side a, .side button').focus(); else opener.focus();
  }
  if (opener) opener.addEventListener('click', event => { event.preventDefault(); drawer(true); });
  document.addEventListener('click', event => {
    if (event.target.closest('.close-b')) { event.preventDefault(); drawer(false); }
    else if (document.body.classList.contains('drawer') && !event.target.closest('.side, .menu-b')) drawer(false);
  });

  /* A long way is shortened in the bar; pointed at, each of its names is read whole. */
  $$('.crumb a, .crumb b').forEach(el => { el.title = el.textContent.trim(); });

  /* Lengths that come from data: an inline style attribute is not allowed, the style object is. */
  const size = from => {
    $$('[data-width]', from).forEach(el => { el.style.width = el.dataset.width + '%'; });
    $$('[data-left]', from).forEach(el => { el.style.left = el.dataset.left + '%'; });
    $$('[data-columns]', from).forEach(el => { el.style.gridTemplateColumns = el.dataset.columns; });
  };

  /* <button data-dialog="#id"> opens a <dialog>; a button with data-close shuts it. */
  document.addEventListener('click', event => {
    const opens = event.target.closest('[data-dialog]');
    if (opens) { event.preventDefault(); document.querySelector(opens.dataset.dialog).showModal(); }
    const shuts = event.target.closest('[data-close]');
    if (shuts) shuts.closest('dialog').close();
  });

  /* A sign-in in another tab changes the token that forms are checked by; the cookie knows the new one. */
  const freshToken = form => {
    const field = form.querySelector('[name=csrfmiddlewaretoken]');
    const [, known] = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/) || [];
    if (field && known) field.value = known;
    return field ? field.value : known || '';
  };
  window.Xiaoyu = Object.assign(window.Xiaoyu || {}, { freshToken });
  document.addEventListener('submit', event => { if (event.target.method === 'post') freshToken(event.target); }, true);
  document.addEventListener('htmx:configRequest', event => {
    const form = event.detail.elt.closest('form');
    if (form && 'csrfmiddlewaretoken' in event.detail.parameters) event.detail.parameters.csrfmiddlewaretoken = freshToken(form);
  });

  /* A second click of an impatient hand must not send a form twice. */
  document.addEventListener('submit', event => {
    const form = event.target;
    if (event.defaultPrevented || form.hasAttribute('data-theme-form') || form.method === 'get') return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = '1';
    setTimeout(() => $$('button[type=submit], button:not([type])', form).forEach(button => { button.disabled = true; }), 0);
  });
  window.addEventListener('pageshow', event => {
    if (!event.persisted) return;
    $$('form[data-sent]').forEach(form => { delete form.dataset.sent; $$('button', form).forEach(button => { button.disabled = false; }); });
  });

  /* A control that sends its form as soon as it changes; without script the form keeps its button. */
  document.addEventListener('change', event => {
    const control = event.target.closest('[data-submit-on-change]');
    if (control) control.form.requestSubmit();
  });

  /* Toasts leave after 6 s unless the pointer or the focus is on them. */
  const leave = toast => {
    let timer = setTimeout(() => toast.remove(), 6000);
    const stay = () => clearTimeout(timer);
    const go = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), 3000); };
    toast.addEventListener('pointerenter', stay); toast.addEventListener('focusin', stay);
    toast.addEventListener('pointerleave', go); toast.addEventListener('focusout', go);
  };
  const toasts = from => $$('.toasts .toast-d:not([data-timed])', from).forEach(toast => { toast.dataset.timed = '1'; leave(toast); });

  /* <button data-copy="#id"> copies the text of an element. */
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-copy]');
    if (!button || !navigator.clipboard) return;
    navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim())
      .then(() => { if (button.dataset.done) button.textContent = button.dataset.done; });
  });

  /* Live parts that get no answer say how old they are until one comes. */
  let answered = new Date();
  const stale = hidden => {
    const note = document.getElementById('stale');
    if (!note) return;
    const time = answered.toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    if (!hidden) note.querySelector('div').textContent = note.dataset.words.replace('{time}', time);
    note.hidden = hidden;
  };
  ['htmx:sendError', 'htmx:timeout', 'htmx:responseError'].forEach(name => document.addEventListener(name, event => {
    if (name !== 'htmx:responseError' || event.detail.xhr.status >= 500) stale(false);
  }));
  document.addEventListener('htmx:afterOnLoad', () => { answered = new Date(); stale(true); });

  /* A table that is wider or longer than its box is scrolled by the arrow keys, too, once it can take the focus. */
  const scrolled = new ResizeObserver(entries => entries.forEach(({ target: box }) => {
    const fits = box.scrollWidth <= box.clientWidth + 1 && box.scrollHeight <= box.clientHeight + 1;
    if (fits) { if (box.dataset.wide) box.removeAttribute('tabindex'); return; }
    if (box.hasAttribute('tabindex')) return;
    const caption = box.querySelector('caption');
    Object.assign(box.dataset, { wide: '1' });
    box.tabIndex = 0;
    box.setAttribute('role', 'region');
    if (caption) box.setAttribute('aria-label', caption.textContent.trim());
  }));
  const wide = from => $$('.tw', from).forEach(box => scrolled.observe(box));

  /* A form that comes back refused begins at its first error. */
  const firstError = () => {
    const wrong = document.querySelector('main .err:not([hidden]), main [aria-invalid="true"]');
    if (!wrong || document.querySelector('main [autofocus]')) return;
    const field = wrong.matches('.err') ? wrong.closest('.field, fieldset, .cd-b') : wrong;
    const control = wrong.matches('.err') ? field?.querySelector('input:not([type=hidden]), select, textarea') : field;
    if (control) control.focus();
  };

  /* What was refused is no longer so once it is changed: the next answer says whether it is right. */
  const forget = event => {
    const field = event.target.closest?.('[aria-invalid="true"]');
    if (!field) return;
    field.removeAttribute('aria-invalid');
    (field.getAttribute('aria-describedby') || '').split(' ').forEach(id => {
      const said = id && document.getElementById(id);
      if (said && said.matches('.err, .error, [id$="_error"]')) said.hidden = true;
    });
  };
  document.addEventListener('input', forget);
  document.addEventListener('change', forget);

  /* Beside a file's button stands the name of the file. */
  document.addEventListener('change', event => {
    const named = event.target.matches('input[type=file]') && document.querySelector(`[data-file-name="${event.target.id}"]`);
    if (!named) return;
    named.dataset.none ??= named.textContent;
    named.textContent = [...event.target.files].map(file => file.name).join(', ') || named.dataset.none;
  });

  const ready = from => { size(from); toasts(document); wide(from); };
  ready(document);
  firstError();
  document.addEventListener('htmx:load', event => ready(event.target));
})();
