/* The button says what it will do: it follows the choice and the expiry date. */
(() => {
  const form = document.querySelector('[data-decision-form]');
  if (!form) return;
  const button = form.querySelector('button[data-approved]');
  const say = () => {
    const chosen = form.querySelector('input[name=decision]:checked');
    if (!chosen) return;
    const day = form.querySelector('input[name=expires_on]');
    button.querySelector('span').textContent = button.dataset[chosen.value].replace('{day}', day ? day.value : '');
  };
  form.addEventListener('change', say);
  say();
  const wrong = form.querySelector('.err');
  if (wrong) {
    const control = wrong.parentElement.querySelector('input, textarea') || form.querySelector('input[name=decision]');
    control.focus();
  }
})();
