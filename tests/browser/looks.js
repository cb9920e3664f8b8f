/* What a page's looks can be held to by measure. Returns {kind: [complaint, …]}; nothing to complain of: {}. */
const found = {};
const blame = (kind, element, what) => {
  const list = (found[kind] = found[kind] || []);
  if (list.length < 5) list.push(`${address(element)}: ${what}`);
};
const styles = new Map();
const style = element => {
  if (!styles.has(element)) styles.set(element, getComputedStyle(element));
  return styles.get(element);
};
const address = element => {
  const parts = [];
  for (let each = element; each && parts.length < 3 && each !== document.body; each = each.parentElement) {
    const classes = [...each.classList].slice(0, 3).map(name => `.${name}`).join('');
    parts.unshift(each.tagName.toLowerCase() + (each.id ? `#${each.id}` : '') + classes);
  }
  return parts.join(' > ');
};
const words = element => (element.innerText || element.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40);
const UNSEEN = '.sr, .skip, dialog:not([open]), datalist, script, style, template, noscript, option';
const isSeen = element => {
  if (element.closest(UNSEEN)) return false;
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0;
};
const seen = selector => [...document.querySelectorAll(selector)].filter(isSeen);

/* The page itself never scrolls sideways; wide tables scroll within their card. */
const root = document.documentElement;
if (root.scrollWidth > innerWidth) blame('page wider than the window', root, `${root.scrollWidth} > ${innerWidth}`);

/* What is cut off can be read elsewhere: by its title, or by the name of what holds it. */
const isTold = element => !!element.closest('[title], [aria-label]:not(nav, main, section, ul)');
for (const element of seen('body *')) {
  if (element.closest('svg') || element.matches('input, textarea, select, progress')) continue;
  const cuts = /hidden|clip/.test(style(element).overflowX);
  if (cuts && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 4 && !isTold(element))
    blame('cut off', element, `${element.scrollWidth} > ${element.clientWidth} "${words(element)}"`);
}

/* Nothing sticks out of the box it is painted in. */
for (const box of seen('.cd, .btn, .bd, .chip, .seg > *, .note, .stat, .opt, .tile, .t th, .t td')) {
  const sticksOut = style(box).overflowX === 'visible' && box.scrollWidth > box.clientWidth + 2;
  if (style(box).display !== 'inline' && sticksOut)
    blame('sticks out', box, `${box.scrollWidth} > ${box.clientWidth} "${words(box)}"`);
}

const texts = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const node = walker.currentNode;
  const element = node.parentElement;
  if (!node.data.trim() || !isSeen(element)) continue;
  const range = document.createRange();
  range.selectNodeContents(node);
  texts.push({ element, said: node.data.trim().slice(0, 30), boxes: [...range.getClientRects()] });
}

/* No text stands on another; what is pinned while the rest scrolls may. */
const boxes = [];
for (const text of texts) {
  const window_ = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
  let isPinned = false;
  for (let each = text.element; each && each !== document.body; each = each.parentElement) {
    if (/sticky|fixed/.test(style(each).position)) isPinned = true;
    if (style(each).overflowX === 'visible' && style(each).overflowY === 'visible') continue;
    const { left, top, right, bottom } = each.getBoundingClientRect();
    window_.left = Math.max(window_.left, left);
    window_.top = Math.max(window_.top, top);
    window_.right = Math.min(window_.right, right);
    window_.bottom = Math.min(window_.bottom, bottom);
  }
  if (isPinned) continue;
  for (const box of text.boxes) {
    const shown = {
      text,
      left: Math.max(box.left, window_.left),
      top: Math.max(box.top, window_.top),
      right: Math.min(box.right, window_.right),
      bottom: Math.min(box.bottom, window_.bottom),
    };
    if (shown.right - shown.left > 3 && shown.bottom - shown.top > 3) boxes.push(shown);
  }
}
boxes.sort((one, other) => one.top - other.top);
boxes.forEach((one, at) => {
  for (let next = at + 1; next < boxes.length && boxes[next].top < one.bottom; next += 1) {
    const other = boxes[next];
    if (one.text === other.text) continue;
    const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
    const down = Math.min(one.bottom, other.bottom) - other.top;
    const least = Math.min(one.bottom - one.top, other.bottom - other.top);
    if (across > 3 && down > least * 0.35)
      blame('text on text', one.text.element, `"${one.text.said}" and "${other.text.said}"`);
  }
});

/* Text has a contrast of 4.5 (large text 3), and is never smaller than 11 px but in the counter of the bell. */
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const channels = colour => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
};
const laid = (upper, lower) => [0, 1, 2].map(at => upper[at] * upper[3] + lower[at] * (1 - upper[3]));
const light = colour => {
  const [red, green, blue] = colour.map(value => {
    const share = value / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
for (const { element, said } of texts) {
  if (element.closest(':disabled, [aria-disabled=true]') || /^[\ue000-\uf8ff]$/.test(said)) continue;
  const grounds = [];
  let opacity = 1;
  let isPicture = false;
  for (let each = element; each; each = each.parentElement) {
    opacity *= parseFloat(style(each).opacity);
    const ground = channels(style(each).backgroundColor);
    if (ground[3] === 1) { grounds.push(ground); break; }
    if (style(each).backgroundImage !== 'none') isPicture = true;
    if (ground[3] > 0) grounds.push(ground);
  }
  const ink = channels(element.closest('svg') ? style(element).fill : style(element).color);
  if (isPicture || ink[3] === 0) continue;
  const ground = grounds.reduceRight((below, above) => laid(above, below), [255, 255, 255]);
  const lights = [light(laid([...ink.slice(0, 3), ink[3] * opacity], ground)), light(ground)].sort((a, b) => b - a);
  const contrast = (lights[0] + 0.05) / (lights[1] + 0.05);
  const size = parseFloat(style(element).fontSize);
  if (contrast < (size >= 24 ? 2.98 : 4.48)) blame('too faint', element, `${contrast.toFixed(2)} "${said}"`);
  if (size < 11 && !element.closest('.ib .n')) blame('too small', element, `${size}px "${said}"`);
}

/* On a phone a finger hits what it aims at; a link within a sentence is as high as its line. */
if (innerWidth < 820) {
  for (const target of seen('a[href], button, summary, input:not([type=hidden]), select, textarea')) {
    if (target.disabled || target.closest('svg') || target.matches('.drop-i')) continue;
    const isMark = target.matches('[type=checkbox], [type=radio]');
    const label = isMark && (target.closest('label') || (target.labels && target.labels[0]));
    const { width, height } = (label || target).getBoundingClientRect();
    const around = target.parentElement.textContent.trim().length;
    const isWithinSentence = style(target).display === 'inline' && around > target.textContent.trim().length + 3;
    if (width <= 2 || (isWithinSentence && !target.closest('td, th'))) continue;
    if (height < 31.5 || width < 24)
      blame('too small for a finger', target, `${Math.round(width)} × ${Math.round(height)} "${words(target)}"`);
  }
}
return found;
