/* Draws every <figure class="chart"> from plain Plotly JSON, in the page's own type and colours, again on a theme change.
 *
 *   <figure class="chart" data-figure="#json-id" data-height="260">    JSON in a <script type="application/json">
 *   <figure class="chart" data-figure-url="/…/figure/">                JSON fetched, with ?theme=light|dark
 *   <figure class="chart" data-fill …>                              as high as the card beside it allows (.cd.fills)
 *
 * The JSON is {data, layout}, or {light: {data, layout}, dark: {data, layout}}. Any text value of the form
 * "token:event" or "token:event/0.12" becomes that colour of the current theme.
 */
(() => {
  const root = document.documentElement;

  /* Plotly writes a few style attributes into its SVG. The content security policy forbids the attribute, not the object. */
  const setAttribute = Element.prototype.setAttribute;
  SVGElement.prototype.setAttribute = function (name, value) {
    if (name === 'style') this.style.cssText = value; else setAttribute.call(this, name, value);
  };

  const theme = () => root.dataset.bsTheme || 'light';
  const token = name => getComputedStyle(root).getPropertyValue('--xy-' + name).trim();

  const colour = text => {
    const [name, alpha] = text.slice(6).split('/');
    const hex = token(name);
    if (!alpha || !hex.startsWith('#')) return hex || text;
    const part = at => parseInt(hex.slice(at, at + 2), 16);
    return `rgba(${part(1)},${part(3)},${part(5)},${alpha})`;
  };
  const coloured = value => {
    if (typeof value === 'string') return value.startsWith('token:') ? colour(value) : value;
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
    return value;
  };

  const axis = () => ({
    gridcolor: token('grid'), linecolor: token('border-strong'), zerolinecolor: token('border-strong'), zerolinewidth: 1,
    tickfont: { size: 12, color: token('text-3') }, title: { font: { size: 12, color: token('text-3') }, standoff: 8 },
    ticks: '', ticklabelstandoff: 4, automargin: true, fixedrange: true,
  });
  const template = () => ({
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: token('text-2') },
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', margin: { l: 8, r: 12, t: 8, b: 8 }, showlegend: false, hovermode: 'closest',
    hoverlabel: { bgcolor: token('text'), bordercolor: token('text'), font: { color: token('surface'), size: 12 }, align: 'left' },
    separators: '.,', dragmode: false,
  });
  const isPlain = value => value && typeof value === 'object' && !Array.isArray(value);
  const under = (base, own) => {
    const merged = { ...base };
    Object.entries(own || {}).forEach(([key, value]) => { merged[key] = isPlain(value) && isPlain(base[key]) ? under(base[key], value) : value; });
    return merged;
  };
  /* How wide words are in the axis's type: Chinese takes twice the room of Latin. */
  const pen = document.createElement('canvas').getContext('2d');
  const widthOf = words => { pen.font = `12px ${getComputedStyle(document.body).fontFamily}`; return pen.measureText(words).width; };
  const LONGEST_NAME = 130;
  const shortened = (name, longest = LONGEST_NAME) => {
    if (widthOf(name) <= longest) return name;
    let end = name.length;
    while (end > 1 && widthOf(name.slice(0, end) + '…') > longest) end -= 1;
    return name.slice(0, end) + '…';
  };
  /* A name beside a bar takes less than half of the room; a short last word, the customer's value, stays. */
  const SHORT_WORD = 12;
  const besideBars = (name, width) => {
    const longest = Math.max(90, width * 0.45);
    if (widthOf(name) <= longest) return name;
    const space = name.lastIndexOf(' ');
    const value = space > 0 && name.length - space <= SHORT_WORD ? name.slice(space) : '';
    return shortened(name.slice(0, name.length - value.length), longest - widthOf(value)) + value;
  };
  const onTwoLines = (name, longest) => {
    if (widthOf(name) <= longest) return name;
    let end = name.length;
    while (end > 1 && widthOf(name.slice(0, end)) > longest) end -= 1;
    const space = name.lastIndexOf(' ', end);
    const first = space > 0 ? space : end;
    return `${shortened(name.slice(0, first), longest)}<br>${shortened(name.slice(first).trim(), longest)}`;
  };
  /* Names of categories that would run into each other: a few are all kept, on two lines; of many every second, third … one stays. */
  const SHORTEST_ROOM = 44;
  const spread = (axis, width, data) => {
    if (axis?.type !== 'category') return;
    const values = axis.tickvals || [...new Set(data.filter(trace => (trace.xaxis || 'x') === 'x').flatMap(trace => trace.x || []))];
    if (!values.length) return;
    const own = (axis.ticktext || values).map(String);
    const each = (width - 60) / values.length - 8;
    if (each >= SHORTEST_ROOM) {
      Object.assign(axis, { tickangle: 0, tickvals: values, ticktext: own.map(name => onTwoLines(name, each)) });
      return;
    }
    const names = own.map(name => shortened(name));
    const room = Math.max(2, Math.floor((width - 50) / (Math.max(...names.map(widthOf)) + 12)));
    const step = Math.ceil(values.length / room);
    const stays = (_, place) => place % step === 0;
    axis.tickvals = values.filter(stays);
    axis.ticktext = names.filter(stays);
  };
  const laidOut = (figure, height, width) => {
    const own = coloured(figure.layout || {});
    delete own.template;
    delete own.width;
    const layout = under(template(), own);
    const axes = new Set(['xaxis', 'yaxis', ...Object.keys(own).filter(key => /^[xy]axis\d*$/.test(key))]);
    axes.forEach(key => {
      const base = { ...axis(), ...(key[0] === 'x' ? { showgrid: false } : { showline: false }) };
      const mine = own[key] || {};
      if (width < 480 && key[0] === 'x' && own[key]?.nticks > 4) own[key].nticks = 4;
      if (key[0] === 'y' && Array.isArray(mine.ticktext)) mine.ticktext = mine.ticktext.map(name => besideBars(String(name), width));
      if (key[0] === 'x') spread(own[key], width, figure.data || []);
      layout[key] = under(base, typeof mine.title === 'string' ? { ...mine, title: { text: mine.title } } : mine);
    });
    layout.height = height || own.height || 260;
    layout.autosize = true;
    return layout;
  };

  const figures = new WeakMap();
  const read = async figure => {
    if (figure.dataset.figureUrl) {
      const address = new URL(figure.dataset.figureUrl, location.href);
      address.searchParams.set('theme', theme());
      const answer = await fetch(address, { headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }
    if (!figures.has(figure)) figures.set(figure, JSON.parse(document.querySelector(figure.dataset.figure).textContent));
    return figures.get(figure);
  };
  const place = figure => {
    let plot = figure.querySelector(':scope > .plot');
    if (!plot) { plot = document.createElement('div'); plot.className = 'plot'; figure.prepend(plot); }
    return plot;
  };
  /* A figure with data-fill takes the height its card has to spare beside a taller one. */
  const TALLEST = 600;
  const heights = new WeakMap();
  const filled = (figure, plot) => {
    const own = heights.get(figure) || 260;
    if (!('fill' in figure.dataset)) return own;
    plot.hidden = true;
    const room = figure.clientHeight;
    plot.hidden = false;
    return Math.max(own, Math.min(room, TALLEST));
  };
  /* A word at the end of a bar or line that the figure's edge would cut: the drawing gives way. */
  const MOST_YIELDING = 3;
  const uncut = async (figure, plot) => {
    for (let attempt = 0; attempt < MOST_YIELDING; attempt += 1) {
      const edge = figure.getBoundingClientRect().right;
      const words = [...plot.querySelectorAll('.annotation-text-g')].map(label => label.getBoundingClientRect());
      const surplus = Math.max(0, ...words.map(({ right }) => right - edge));
      if (surplus < 1) return;
      const { l: left, w: width } = plot._fullLayout._size;
      const start = words.find(({ right }) => right - edge === surplus).left - plot.getBoundingClientRect().left;
      const share = Math.min(1, Math.max(0.25, (start - left) / width));
      await Plotly.relayout(plot, { 'margin.r': plot.layout.margin.r + Math.ceil(surplus / share) });
    }
  };
  const draw = async figure => {
    const plot = place(figure);
    try {
      let json = await read(figure);
      json = json[theme()] && json[theme()].data ? json[theme()] : json;
      heights.set(figure, Number(figure.dataset.height) || (json.layout || {}).height || 260);
      await Plotly.react(plot, coloured(json.data || []), laidOut(json, filled(figure, plot), figure.clientWidth), { displayModeBar: false, responsive: false });
      await uncut(figure, plot);
      figure.dataset.drawn = theme();
    } catch (error) {
      plot.textContent = figure.dataset.failed || document.body.dataset.chartFailed || '';
      figure.dataset.drawn = 'failed';
      console.error('chart', figure.id || figure.dataset.figureUrl, error);
    }
  };
  const watched = new ResizeObserver(entries => entries.forEach(({ target }) => {
    const plot = target.querySelector(':scope > .plot');
    if (!plot || !plot.data || !target.clientWidth) return;
    const height = filled(target, plot);
    if (height !== plot.layout.height) Plotly.relayout(plot, { height });
    else Plotly.Plots.resize(plot);
  }));
  const start = figure => {
    if (figure.dataset.started) return;
    figure.dataset.started = '1';
    draw(figure).then(() => watched.observe(figure));
  };
  const all = from => [...(from.matches && from.matches('[data-figure], [data-figure-url]') ? [from] : []), ...from.querySelectorAll('[data-figure], [data-figure-url]')];

  all(document).forEach(start);
  document.addEventListener('htmx:load', event => all(event.target).forEach(start));
  document.addEventListener('xiaoyu:theme', () => all(document).forEach(draw));
  window.Xiaoyu = Object.assign(window.Xiaoyu || {}, { draw, token, drawInto: (figure, json) => { figures.set(figure, json); return draw(figure); } });
})();
