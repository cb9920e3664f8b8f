/* The plan page: finish times follow the clock and the chosen budget, in the server's time zone. */
(() => {
  const form = document.querySelector('#plan');
  if (!form) return;
  const seconds = form.elements.seconds;
  const asClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hour12: false, timeZone: form.dataset.zone });
  const chosen = () => {
    const picked = form.querySelector('input[name=budget]:checked');
    return Number(picked && picked.dataset.seconds) || Number(seconds.value) || 300;
  };
  const start = document.querySelector('#start');
  const isCounted = () => Boolean(form.querySelector('input[name=budget][value=trials]:checked'));
  const tell = () => {
    if (start) {
      start.querySelector('[data-timed]').hidden = isCounted();
      start.querySelector('[data-counted]').hidden = !isCounted();
    }
    const button = document.querySelector('[data-chosen]');
    if (button) button.dataset.readyIn = chosen();
    document.querySelectorAll('[data-ready-in]').forEach(el => {
      const text = asClock.format(new Date(Date.now() + 1000 * Number(el.dataset.readyIn)));
      if (el.textContent !== text) el.textContent = text;
    });
  };
  /* Typing an own time or a number of trials chooses it. */
  [[seconds, 'custom'], [form.elements.trials, 'trials']].forEach(([input, budget]) => input.addEventListener('input', () => {
    form.querySelector(`input[name=budget][value=${budget}]`).checked = true;
    tell();
  }));
  form.addEventListener('change', tell);
  setInterval(tell, 5000);
  tell();
})();
