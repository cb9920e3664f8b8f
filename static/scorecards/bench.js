/* Borders of bins: dragged with the pointer or moved with the arrow keys, always onto a border that was counted. */
(() => {
  const HALF_SECOND = 500;
  let dragged = null, timer = 0, focus = null, isUnderWay = false;
  /* Borders that were moved and not sent yet, by bin: while a change is under way they wait for its answer. */
  const moved = new Map();

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
    handle.dataset.saved ??= handle.dataset.value;
    handle.dataset.value = value;
    handle.setAttribute('transform', `translate(${x} 0)`);
    handle.setAttribute('aria-valuenow', value);
    handle.setAttribute('aria-valuetext', text);
    document.getElementById('drag-value').textContent = text;
  };
  const formOf = () => document.getElementById('move');
  const want = handle => {
    const chart = chartOf(handle);
    if (handle.dataset.value === (handle.dataset.saved ?? handle.dataset.value)) {
      moved.delete(handle.dataset.bin);
      return;
    }
    moved.set(handle.dataset.bin, {
      value: valueOf(handle), column: formOf().elements.column.value, handles: handlesOf(chart).length,
    });
  };
  /* One move is sent at a time: the answer carries the revision that the next is sent with. */
  const send = () => {
    clearTimeout(timer);
    timer = 0;
    const form = formOf(), [bin] = moved.keys();
    if (isUnderWay || !form || bin === undefined) return;
    form.elements.bin.value = bin;
    form.elements.to.value = moved.get(bin).value;
    moved.delete(bin);
    focus = { bin };
    form.requestSubmit();
  };
  /* What was moved meanwhile is moved on the chart that came; where that has other bins, the wish has no meaning. */
  const putAgain = () => {
    const form = formOf(), chart = document.querySelector('.bench-chart');
    for (const [bin, wish] of [...moved]) {
      const handle = chart && chart.querySelector(`.handle[data-bin="${bin}"]`);
      const isSame = form && handle && form.elements.column.value === wish.column && handlesOf(chart).length === wish.handles;
      const place = isSame && valueOf(handle) !== wish.value && freeFor(handle).find(([, value]) => value === wish.value);
      if (place) put(handle, place);
      else moved.delete(bin);
    }
  };

  document.addEventListener('pointerdown', event => {
    const handle = event.target.closest && event.target.closest('.handle[role=slider]');
    if (!handle) return;
    event.preventDefault();
    handle.focus();
    dragged = handle;
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
    if (!handle) return;
    want(handle);
    send();
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
    put(handle, next);
    want(handle);
    clearTimeout(timer);
    timer = setTimeout(send, HALF_SECOND);
  });

  const isOfBench = event => event.detail.target && event.detail.target.id === 'bench';
  document.addEventListener('htmx:beforeRequest', event => { if (isOfBench(event)) isUnderWay = true; });
  document.addEventListener('htmx:afterRequest', event => {
    if (!isOfBench(event)) return;
    isUnderWay = false;
    if (!event.detail.successful) send();
  });

  /* What had the focus before a change has it afterwards, and what is written of the reason stays. */
  document.addEventListener('htmx:beforeSwap', event => {
    if (!isOfBench(event)) return;
    if (dragged) want(dragged);
    dragged = null;
    const active = document.activeElement;
    if (!focus && active && active.id) focus = { id: active.id };
  });
  document.addEventListener('htmx:afterSettle', () => {
    putAgain();
    if (moved.size) focus = { bin: [...moved.keys()].pop() };
    if (focus) {
      const wanted = focus.id ? document.getElementById(focus.id) : document.querySelector(`.handle[data-bin="${focus.bin}"]`);
      focus = null;
      if (wanted && !wanted.disabled) wanted.focus({ preventScroll: true });
    }
    if (!timer) send();
  });
})();
