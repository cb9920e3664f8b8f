/* Borders of bins: dragged with the pointer or moved with the arrow keys, always onto a border that was counted. */
(() => {
  const HALF_SECOND = 500;
  let dragged = null, waiting = 0, focus = null;

  const chartOf = handle => handle.closest('.bench-chart');
  const gridOf = chart => JSON.parse(chart.dataset.grid);
  const handlesOf = chart => [...chart.querySelectorAll('.handle')];
  const valueOf = handle => Number(handle.dataset.value);

  /* The borders that a handle may take: between its neighbours. */
  const freeFor = handle => {
    const chart = chartOf(handle), all = handlesOf(chart), place = all.indexOf(handle);
    const low = place > 0 ? valueOf(all[place - 1]) : -Infinity;
    const high = place + 1 < all.length ? valueOf(all[place + 1]) : Infinity;
    return gridOf(chart).filter(([, value]) => value > low && value < high);
  };
  const DAY = 86400000;
  const shown = (chart, value) => chart.dataset.type === 'date'
    ? new Date(value * DAY).toISOString().slice(0, 10) : String(Number(value.toPrecision(10)));
  const put = (handle, [x, value]) => {
    const text = shown(chartOf(handle), value);
    handle.dataset.value = value;
    handle.setAttribute('transform', `translate(${x} 0)`);
    handle.setAttribute('aria-valuenow', value);
    handle.setAttribute('aria-valuetext', text);
    document.getElementById('drag-value').textContent = text;
  };
  const send = handle => {
    const form = document.getElementById('move');
    if (!form || handle.dataset.value === handle.dataset.from) return;
    form.elements.bin.value = handle.dataset.bin;
    form.elements.to.value = handle.dataset.value;
    focus = { bin: handle.dataset.bin };
    form.requestSubmit();
  };

  document.addEventListener('pointerdown', event => {
    const handle = event.target.closest && event.target.closest('.handle[role=slider]');
    if (!handle) return;
    event.preventDefault();
    handle.focus();
    dragged = handle;
    handle.dataset.from = handle.dataset.value;
    handle.setPointerCapture(event.pointerId);
  });
  document.addEventListener('pointermove', event => {
    if (!dragged) return;
    const box = chartOf(dragged).getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * 1000;
    const free = freeFor(dragged);
    if (free.length) put(dragged, free.reduce((best, each) => Math.abs(each[0] - x) < Math.abs(best[0] - x) ? each : best));
  });
  const release = () => {
    const handle = dragged;
    dragged = null;
    if (handle) send(handle);
  };
  document.addEventListener('pointerup', release);
  document.addEventListener('pointercancel', release);

  document.addEventListener('keydown', event => {
    const handle = event.target.closest && event.target.closest('.handle[role=slider]');
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!handle || !step) return;
    event.preventDefault();
    const free = freeFor(handle), now = valueOf(handle);
    const next = step > 0 ? free.find(([, value]) => value > now) : free.filter(([, value]) => value < now).pop();
    if (!next) return;
    if (!waiting) handle.dataset.from = handle.dataset.value;
    put(handle, next);
    clearTimeout(waiting);
    waiting = setTimeout(() => { waiting = 0; send(handle); }, HALF_SECOND);
  });

  /* What had the focus before a change has it afterwards, and what is written of the reason stays. */
  document.addEventListener('htmx:beforeSwap', event => {
    if (!event.detail.target || event.detail.target.id !== 'bench') return;
    const active = document.activeElement;
    if (!focus && active && active.id) focus = { id: active.id };
  });
  document.addEventListener('htmx:afterSettle', () => {
    if (!focus) return;
    const wanted = focus.id ? document.getElementById(focus.id) : document.querySelector(`.handle[data-bin="${focus.bin}"]`);
    focus = null;
    if (wanted && !wanted.disabled) wanted.focus({ preventScroll: true });
  });
})();
