/* Before the first paint: the theme the server keeps for this person, else what the machine prefers. */
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const wanted = () => root.dataset.userTheme || (dark.matches ? 'dark' : 'light');
  const show = theme => {
    if (root.dataset.bsTheme === theme) return;
    root.dataset.bsTheme = theme;
    document.dispatchEvent(new CustomEvent('xiaoyu:theme', { detail: theme }));
  };
  show(wanted());
  root.classList.add('js');
  dark.addEventListener('change', () => show(wanted()));

  document.addEventListener('submit', event => {
    const form = event.target.closest('form[data-theme-form]');
    if (!form) return;
    event.preventDefault();
    const theme = root.dataset.bsTheme === 'dark' ? 'light' : 'dark';
    root.dataset.userTheme = theme;
    show(theme);
    const body = new FormData(form);
    body.set('theme', theme);
    fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true' } }).catch(() => {});
  });
})();
