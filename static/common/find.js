/* Find from every page: ⌘K or Ctrl+K opens it, arrows walk through what was found, Enter goes there. */
(() => {
  const dialog = document.querySelector('#find-dialog');
  if (!dialog) return;
  const text = dialog.querySelector('input');
  const links = () => [...dialog.querySelectorAll('#found a')];
  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
  document.querySelectorAll('.find kbd').forEach(key => { key.textContent = isMac ? '⌘K' : 'Ctrl K'; });

  const open = () => { if (!dialog.open) dialog.showModal(); text.focus(); text.select(); };
  document.addEventListener('keydown', event => {
    if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener('click', event => {
    const asked = event.target.closest('.find');
    if (asked && !event.metaKey && !event.ctrlKey) { event.preventDefault(); open(); }
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('keydown', event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const all = [text, ...links()];
    if (step) {
      event.preventDefault();
      const at = all.indexOf(document.activeElement);
      all[(at + step + all.length) % all.length].focus();
    } else if (event.key === 'Enter' && document.activeElement === text && all[1]) {
      event.preventDefault();
      all[1].click();
    }
  });
})();
