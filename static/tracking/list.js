/* Two to four experiments can be compared: the button waits for two, and the boxes close after the last. */
(() => {
  const button = document.getElementById('compare-them');
  if (!button) return;
  const boxes = [...document.querySelectorAll('input[form=compare][name=m]')].filter(box => !box.disabled);
  const follow = () => {
    const chosen = boxes.filter(box => box.checked).length;
    button.disabled = chosen < 2;
    boxes.forEach(box => { box.disabled = !box.checked && chosen >= Number(button.dataset.most); });
  };
  boxes.forEach(box => box.addEventListener('change', follow));
  window.addEventListener('pageshow', follow);
  follow();
})();
