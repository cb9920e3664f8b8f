/* The page on whom to choose: the slider and its number follow each other; the number is what is sent. */
(() => {
  const follow = (from, to) => { if (to && to.value !== from.value) to.value = from.value; };
  document.addEventListener('input', event => {
    const slider = event.target.closest('[data-slides]');
    if (slider) { follow(slider, document.getElementById(slider.dataset.slides)); return; }
    const number = event.target.closest('.act-slide input[id]');
    if (number) follow(number, document.querySelector(`[data-slides="${number.id}"]`));
  });
})();
