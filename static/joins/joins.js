/* The page of a join: what a table's relation and time make pointless is out of the way; a preview brings its rows into view. */
(() => {
  const set = (elements, hidden) => elements.forEach(element => { element.hidden = hidden; });
  document.querySelectorAll('[data-join-table]').forEach(table => {
    const relation = table.querySelector('[data-join-relation]');
    const time = table.querySelector('[data-join-time]');
    const use = table.querySelector('[data-join-use]');
    const show = () => {
      const isMany = relation.value === 'many';
      set(table.querySelectorAll('[data-join-body]'), !use.checked);
      set(table.querySelectorAll('[data-join-many]'), !isMany);
      set(table.querySelectorAll('[data-join-one]'), isMany);
      set(table.querySelectorAll('[data-join-timed]'), !time.value);
    };
    table.addEventListener('change', show);
    show();
  });
})();
