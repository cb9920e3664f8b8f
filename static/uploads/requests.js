/* One request at a time to the server of uploads: with a token that is renewed, and an end to waiting for an answer. */
const STALLED = 45000;

/* The server answers an old token with 403: the page, asked for once more, brings a new one, or the sign-in in its place. */
const renewed = async form => {
  const answer = await fetch(location.href, { cache: 'no-store' }).catch(() => null);
  if (!answer || !answer.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const field = page.querySelector('form[data-upload] [name=csrfmiddlewaretoken]');
  if (field) form.querySelector('[name=csrfmiddlewaretoken]').value = field.value;
  return field ? true : 'signed out';
};
export const ask = async (form, method, url, more) => {
  const answer = await request(form, method, url, more);
  if (answer.status !== 403) return answer;
  const how = await renewed(form);
  if (how === 'signed out') return { ...answer, status: 401 };
  return how ? request(form, method, url, more) : answer;
};

/* One request; resolves with its status and headers whatever the server says, rejects where there is no answer. */
const request = (form, method, url, { headers = {}, body = null, progress = null, started = null } = {}) => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest();
  const token = Xiaoyu.freshToken(form);
  // A form sent whole carries its token with it, and the server looks there first.
  if (body instanceof FormData) body.set('csrfmiddlewaretoken', token);
  request.open(method, url);
  Object.entries({ 'Tus-Resumable': '1.0.0', 'X-CSRFToken': token, ...headers }).forEach(([name, value]) => request.setRequestHeader(name, value));
  let silence = null;
  const listen = () => {
    clearTimeout(silence);
    if (body instanceof Blob) silence = setTimeout(() => { request.onabort = () => reject(new Error('lost')); request.abort(); }, STALLED);
  };
  if (progress) request.upload.onprogress = event => { listen(); progress(event.loaded); };
  request.onloadend = () => clearTimeout(silence);
  listen();
  request.onload = () => resolve({ status: request.status, header: name => request.getResponseHeader(name), text: request.responseText });
  request.onerror = () => reject(new Error('lost'));
  request.ontimeout = () => reject(new Error('lost'));
  request.onabort = () => reject(new Error('stopped'));
  // HEAD and the like are short: no answer for a minute is a lost connection.
  if (!body) request.timeout = 60000;
  if (started) started(request);
  request.send(body);
});
