/* The run page: a countdown between two looks at the server, and the curve again when a trial ended. A line that is down is told by common/page.js. */
(() => {
  const live = document.querySelector('#live');
  const curve = document.querySelector('#best-score');
  if (!live) return;
  let drift = 0, drawn = live.dataset.trials;

  const two = number => String(number).padStart(2, '0');
  const read = () => {
    const timer = live.querySelector('[data-until]');
    if (timer) drift = new Date(timer.dataset.now) - Date.now();
  };
  const tell = () => {
    const timer = live.querySelector('[data-until]');
    if (!timer) return;
    const left = Math.max(0, Math.round((new Date(timer.dataset.until) - Date.now() - drift) / 1000));
    const hours = Math.floor(left / 3600);
    timer.textContent = (hours ? hours + ':' + two(Math.floor(left / 60) % 60) : two(Math.floor(left / 60))) + ':' + two(left % 60);
  };

  /* What is read aloud lies outside the part that is replaced, and changes only when its words do. */
  const say = () => {
    const best = live.querySelector('#run-best'), said = document.querySelector('#run-said');
    if (best && said.textContent !== best.textContent.trim()) said.textContent = best.textContent.trim();
  };
  let scrolled = 0;
  document.body.addEventListener('htmx:beforeSwap', event => {
    const log = live.querySelector('.log-box');
    if (event.target === live && log) scrolled = log.scrollTop;
  });
  document.body.addEventListener('htmx:afterSwap', event => {
    if (event.target !== live) return;
    const log = live.querySelector('.log-box');
    if (log && scrolled) log.scrollTop = scrolled;
    say();
    read();
    tell();
    const facts = live.querySelector('#live-facts');
    if (!facts || facts.dataset.trials === drawn) return;
    drawn = facts.dataset.trials;
    const finish = document.querySelector('#finish');
    if (finish) finish.hidden = drawn === '0';
    if (window.Xiaoyu && curve) window.Xiaoyu.draw(curve);
  });
  read();
  tell();
  setInterval(tell, 1000);
})();
