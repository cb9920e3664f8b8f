// Sends a call of the API from its description, with the key in the field and never with the session of the pages.
(() => {
  "use strict";

  const key = document.getElementById("key");

  function requestOf(form) {
    let address = form.dataset.address;
    const query = new URLSearchParams();
    const headers = {};
    const parts = new FormData();
    let body;
    for (const field of form.querySelectorAll("[data-place]")) {
      const { place } = field.dataset;
      const value = field.value.trim();
      if (place === "json") {
        body = value;
        headers["Content-Type"] = "application/json";
      } else if (field.type === "file") {
        for (const file of field.files) parts.append(field.name, file);
      } else if (value === "") {
        continue;
      } else if (place === "path") {
        address = address.replace(`{${field.name}}`, encodeURIComponent(value));
      } else if (place === "query") {
        query.append(field.name, value);
      } else if (place === "header") {
        headers[field.name] = value;
      } else {
        parts.append(field.name, value);
      }
    }
    if (body === undefined && [...parts.keys()].length) body = parts;
    if (key.value.trim()) headers.Authorization = `Bearer ${key.value.trim()}`;
    const asked = query.toString();
    return [asked ? `${address}?${asked}` : address, { method: form.dataset.method, headers, body, credentials: "omit" }];
  }

  async function told(answer) {
    const type = answer.headers.get("Content-Type") || "";
    const text = type.includes("json") || type.startsWith("text/") ? await answer.text() : type;
    try {
      return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text.slice(0, 20000);
    }
  }

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form.try");
    if (!form) return;
    event.preventDefault();
    const shown = form.querySelector(".answer");
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(...requestOf(form));
      shown.textContent = `${answer.status} ${answer.statusText}\n${await told(answer)}`;
    } catch (error) {
      shown.textContent = String(error);
    } finally {
      shown.hidden = false;
      button.disabled = false;
    }
  });
})();
