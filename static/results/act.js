/* The page on whom to choose: the slider goes from step to step, each told beforehand by the server, so that numbers and
   sentences follow at once. The number beside it is what is sent, once the slider rests. */
(() => {
  const told = new Map();
  const stepsAt = address => {
    if (!told.has(address)) {
      told.set(address, fetch(address, { headers: { Accept: 'application/json' } }).then(answer => (answer.ok ? answer.json() : { steps: [] })).then(({ steps }) => steps).catch(() => []));
    }
    return told.get(address);
  };
  const field = slider => document.getElementById(slider.dataset.slides);
  const nearest = (steps, value) => steps.reduce((best, step, place) => (Math.abs(step.value - value) < Math.abs(steps[best].value - value) ? place : best), 0);
  const say = step => {
    const form = document.getElementById('act');
    form.querySelectorAll('[data-step]').forEach(place => { place.textContent = step[place.dataset.step]; });
    step.figures.forEach(([value, reading], place) => {
      form.querySelector(`[data-step-value="${place}"]`).textContent = value;
      form.querySelector(`[data-step-reading="${place}"]`).textContent = reading;
    });
  };
  const move = step => {
    const plot = document.querySelector('#chart-choice > .plot');
    if (!plot || !plot.data || !window.Plotly) return;
    const unit = plot.layout.meta?.unit || 1;
    const at = plot.layout.shapes.length - 1;
    Plotly.update(plot, { x: [[step.at]], y: [[step.height / unit]] }, { [`shapes[${at}].x0`]: step.at, [`shapes[${at}].x1`]: step.at, 'annotations[0].x': step.at, 'annotations[0].text': step.figures[0][0] }, [plot.data.length - 1]);
  };
  const prepare = async slider => {
    const steps = await stepsAt(slider.dataset.steps);
    if (!steps.length || !slider.isConnected || slider.steps) return;
    Object.assign(slider, { steps, min: 0, max: steps.length - 1, step: 1 });
    place(slider);
  };
  const place = slider => {
    slider.value = nearest(slider.steps, Number(field(slider).value));
    slider.setAttribute('aria-valuetext', field(slider).value);
  };
  document.addEventListener('input', event => {
    const slider = event.target.closest('[data-slides]');
    if (slider && slider.steps) {
      const step = slider.steps[Number(slider.value)];
      field(slider).value = step.value;
      slider.setAttribute('aria-valuetext', step.value);
      say(step);
      move(step);
    } else if (slider) field(slider).value = slider.value;
    const number = event.target.closest('.act-slide input[id]:not([type=range])');
    const beside = number && document.querySelector(`[data-slides="${number.id}"]`);
    if (beside && beside.steps) place(beside);
  });
  /* What is kept under a name is what the page says now, not what it said when it came. */
  document.addEventListener('submit', event => {
    const kept = event.target.closest('#save-scenario');
    const act = document.getElementById('act');
    if (!kept || !act) return;
    kept.querySelectorAll('[data-of-act]').forEach(field => field.remove());
    new FormData(act).forEach((value, name) => {
      if (name === 'candidate') return;
      const field = Object.assign(document.createElement('input'), { type: 'hidden', name, value });
      field.dataset.ofAct = name;
      kept.append(field);
    });
  }, true);
  const all = from => from.querySelectorAll('[data-steps]').forEach(prepare);
  all(document);
  document.addEventListener('htmx:load', event => all(event.target));
})();
