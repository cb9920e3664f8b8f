/* What this browser has begun to send: name, size and last change of a file identify it again after a reload. */
export const remembered = {
  key: file => 'xiaoyu-upload:' + [file.name, file.size, file.lastModified].join(':'),
  get: file => { try { return localStorage.getItem(remembered.key(file)); } catch { return null; } },
  set: (file, url) => { try { localStorage.setItem(remembered.key(file), url); } catch { /* a reload begins anew */ } },
  drop: file => { try { localStorage.removeItem(remembered.key(file)); } catch { /* nothing was kept */ } },
};
