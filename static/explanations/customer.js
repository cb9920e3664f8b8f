/* What-if: a slider and its number follow each other in whole steps; the number is what is sent. */
(() => {
  const stepped = slider => {
    const step = Number(slider.dataset.step) || 1;
    const digits = Math.max(0, Math.ceil(-Math.log10(step)));
    return String(Number((Math.round(Number(slider.value) / step) * step).toFixed(digits)));
  };
  document.addEventListener('input', event => {
    const slider = event.target.closest('#what-if [data-slides]');
    if (slider) { document.getElementById(slider.dataset.slides).value = stepped(slider); return; }
    const number = event.target.closest('#what-if input[id]');
    const follows = number && document.querySelector(`[data-slides="${number.id}"]`);
    if (follows && number.value !== '' && !Number.isNaN(Number(number.value))) follows.value = number.value;
  });
  /* Who cannot be answered is told so in the part that was asked for: 409 says why not, 503 that nobody is there. */
  document.addEventListener('htmx:beforeSwap', event => {
    if (![409, 503].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
})();
