/* A file just chosen and a dataset from the list exclude each other: the later choice wins. */
(() => {
  const input = document.getElementById('id_file');
  const versions = [...document.querySelectorAll('input[name=version]')];
  document.addEventListener('xiaoyu:file', event => { if (event.detail) versions.forEach(version => { version.checked = false; }); });
  versions.forEach(version => version.addEventListener('change', () => {
    if (!input.files.length) return;
    input.value = '';
    input.dispatchEvent(new Event('change'));
  }));
})();
