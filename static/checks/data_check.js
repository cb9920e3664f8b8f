/* The data check: only the columns in sight are in the page; more come as small parts while one scrolls, searches or sorts.
 *
 * The table's body is a chain of <tbody> parts of equal size. A part far from sight is emptied and keeps its height, so
 * that the scroll bar and the keyboard find every column where it is.
 */
(() => {
  const ready = from => from.dispatchEvent(new CustomEvent('htmx:load', { bubbles: true }));
  const fragment = html => {
    const holder = document.createElement('template');
    holder.innerHTML = html;
    return holder.content;
  };

  class ColumnTable {
    constructor(box) {
      this.box = box;
      this.table = box.querySelector('table');
      this.atOnce = Number(box.dataset.atOnce);
      this.rowHeight = 38;
      this.form = document.getElementById('find-columns');
      this.query = new URLSearchParams(new FormData(this.form));
      this.asked = 0;
      this.seen = new IntersectionObserver(entries => entries.forEach(entry => this.turn(entry)), { root: box, rootMargin: '600px 0px' });
      document.querySelectorAll('#rows .no-script').forEach(pager => { pager.hidden = true; });
      const first = this.table.tBodies[0];
      const height = first.rows.length ? first.getBoundingClientRect().height / first.rows.length : 0;
      if (height) this.rowHeight = height;
      if (Number(box.dataset.first) > 1) { this.reload(); return; }
      this.lay(Number(box.dataset.total), [...first.rows].map(row => row.outerHTML), first);
    }

    /* Chain the parts; the first holds what has come already. */
    lay(total, rows, first) {
      this.total = total;
      this.parts = [];
      this.seen.disconnect();
      [...this.table.tBodies].forEach(body => { if (body !== first) body.remove(); });
      const count = Math.max(1, Math.ceil(total / this.atOnce));
      for (let place = 0; place < count; place += 1) {
        const body = place === 0 && first ? first : this.table.appendChild(document.createElement('tbody'));
        body.dataset.part = place;
        const part = { body, rows: Math.min(this.atOnce, total - place * this.atOnce), html: null, isFull: false, height: 0 };
        this.parts.push(part);
        if (place === 0) { part.html = rows.join(''); part.isFull = Boolean(first); if (!first) this.fill(part); } else this.empty(part);
      }
      this.parts.forEach(part => this.seen.observe(part.body));
      this.table.setAttribute('aria-rowcount', total);
    }

    turn(entry) {
      const part = this.parts[Number(entry.target.dataset.part)];
      if (!part || part.body !== entry.target) return;
      if (entry.isIntersecting) this.bring(part, Number(entry.target.dataset.part));
      else if (part.isFull && !part.body.contains(document.activeElement)) this.empty(part);
    }

    async bring(part, place) {
      if (part.isFull) return;
      if (part.html === null) {
        if (part.isComing) return;
        part.isComing = true;
        const answer = await this.ask(place * this.atOnce).catch(() => null);
        part.isComing = false;
        if (!answer || this.parts[place] !== part) return;
        part.html = answer.rows.join('');
      }
      this.fill(part);
    }

    fill(part) {
      part.body.replaceChildren(fragment(part.html));
      part.isFull = true;
      if (window.htmx) window.htmx.process(part.body);
    }

    empty(part) {
      part.height = part.isFull ? part.body.getBoundingClientRect().height : part.rows * this.rowHeight;
      if (part.isFull && !part.body.querySelector('.about-row')) part.html = [...part.body.rows].map(row => row.outerHTML).join('');
      const row = document.createElement('tr');
      const cell = row.appendChild(document.createElement('td'));
      row.className = 'spacer';
      cell.colSpan = this.table.tHead.rows[0].cells.length;
      cell.style.height = `${part.height}px`;
      part.body.replaceChildren(row);
      part.isFull = false;
    }

    async ask(offset) {
      const address = new URL(this.box.dataset.url, location.href);
      this.query.forEach((value, name) => { if (value) address.searchParams.set(name, value); });
      address.searchParams.set('offset', offset);
      address.searchParams.set('limit', this.atOnce);
      const answer = await fetch(address, { headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error(String(answer.status));
      return answer.json();
    }

    /* Ask anew, by what the form says; an answer that another question has overtaken is dropped. */
    async reload() {
      this.query = new URLSearchParams(new FormData(this.form));
      this.asked += 1;
      const mine = this.asked;
      const answer = await this.ask(0).catch(() => null);
      if (!answer || mine !== this.asked) return;
      const rows = answer.rows.length ? answer.rows : [];
      this.lay(answer.total, rows, null);
      if (!rows.length) {
        const cell = this.table.tBodies[0].appendChild(document.createElement('tr')).appendChild(document.createElement('td'));
        cell.colSpan = this.table.tHead.rows[0].cells.length;
        cell.className = 'muted';
        cell.textContent = this.box.dataset.none;
      }
      this.box.scrollTop = 0;
      const count = document.getElementById('column-count');
      if (count) count.textContent = count.textContent.replace(/[\d,]+/, answer.total.toLocaleString('en'));
    }
  }

  const tables = new WeakMap();
  const start = () => {
    const box = document.getElementById('column-table');
    if (!box || tables.has(box)) return;
    const table = new ColumnTable(box);
    tables.set(box, table);
    let waiting = 0;
    table.form.addEventListener('input', event => {
      clearTimeout(waiting);
      waiting = setTimeout(() => table.reload(), event.target.type === 'search' ? 250 : 0);
    });
    table.form.addEventListener('submit', event => { event.preventDefault(); table.reload(); });
  };

  /* One column in full, below its row. */
  const toggle = async link => {
    const row = link.closest('tr');
    const open = row.nextElementSibling;
    if (open && open.classList.contains('about-row')) {
      open.remove();
      link.setAttribute('aria-expanded', 'false');
      return;
    }
    const answer = await fetch(link.href, { headers: { 'X-Requested-With': 'fetch' } }).catch(() => null);
    if (!answer || !answer.ok) { location.href = link.href; return; }
    const html = await answer.text();
    if (!row.isConnected) return;
    const more = document.createElement('tr');
    more.className = 'about-row';
    const cell = more.appendChild(document.createElement('td'));
    cell.colSpan = row.cells.length;
    cell.append(fragment(html));
    row.after(more);
    link.setAttribute('aria-expanded', 'true');
    if (window.htmx) window.htmx.process(more);
    ready(more);
  };

  const parsed = text => new DOMParser().parseFromString(text, 'text/html');
  const swap = (from, ids) => ids.forEach(id => {
    const [now, next] = [document.getElementById(id), from.getElementById(id)];
    if (!now || !next) return;
    now.replaceWith(next);
    if (window.htmx) window.htmx.process(next);
    ready(next);
  });

  /* A decision on one column: its row comes back alone, so that a long table stays where it is. */
  const decide = async (form, button) => {
    Xiaoyu.freshToken(form);
    const body = new FormData(form);
    if (button && button.name) body.set(button.name, button.value);
    const answer = await fetch(form.action, { method: 'POST', body, headers: { 'X-Row': '1' } }).catch(() => null);
    if (!answer || !answer.ok) { location.reload(); return; }
    const text = await answer.text();
    const row = form.closest('tr[data-column]');
    if (!answer.headers.get('X-Row') || !row) {
      const page = parsed(text);
      // Signed out meanwhile, the answer is the sign-in, which has no such part.
      if (page.getElementById('main')) swap(page, ['main', 'toasts']); else location.reload();
      return;
    }
    const id = document.activeElement && document.activeElement.id;
    if (row.nextElementSibling && row.nextElementSibling.classList.contains('about-row')) row.nextElementSibling.remove();
    row.replaceWith(fragment(text));
    const again = id && document.getElementById(id);
    if (again) again.focus();
    const page = await fetch(location.href).catch(() => null);
    if (page && page.ok) swap(parsed(await page.text()), ['findings', 'filters', 'toasts']);
  };

  document.addEventListener('click', event => {
    const link = event.target.closest('a[data-about]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    toggle(link);
  });
  document.addEventListener('change', event => {
    const form = event.target.closest('form[data-row], form[data-auto]');
    if (!form) return;
    if ('auto' in form.dataset) form.requestSubmit(); else decide(form, null);
  });
  document.addEventListener('submit', event => {
    if (!event.target.matches('form[data-row]')) return;
    event.preventDefault();
    decide(event.target, event.submitter);
  });
  document.addEventListener('htmx:load', start);
  start();
})();
