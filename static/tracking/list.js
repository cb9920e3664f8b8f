/* What can be done to ticked experiments waits for one; to compare takes two to four that have a model. */
(() => {
  const boxes = [...document.querySelectorAll('input[form=chosen][name=e]')];
  const compare = document.getElementById('compare-them');
  const others = document.querySelectorAll('[data-for-chosen]');
  if (!boxes.length) return;
  const follow = () => {
    const chosen = boxes.filter(box => box.checked);
    const models = chosen.filter(box => 'hasModel' in box.dataset).length;
    others.forEach(button => { button.disabled = !chosen.length; });
    if (compare) compare.disabled = models < 2 || models > Number(compare.dataset.most) || models < chosen.length;
  };
  boxes.forEach(box => box.addEventListener('change', follow));
  window.addEventListener('pageshow', follow);
  follow();
})();
