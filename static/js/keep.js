// Keeps what is typed into a form with data-keep until the server has it: in this tab's own store, by user and address.
// Offered again to the same person only. A save that arrived leaves nothing behind.
"use strict";
window.kept = (() => {
  const user = document.body.dataset.user;
  const key = (form) => `kla:${user}:${location.pathname}:${form.dataset.keep}`;
  const skip = new Set(["csrfmiddlewaretoken", "lalu", "timpa", "gabung"]);

  function fields(form) {
    const found = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && !skip.has(name)) found[name] = value;
    return found;
  }
  function words(found) {
    const { versi, ...rest } = found;
    for (const name of Object.keys(rest)) rest[name] = rest[name].replace(/\r\n/g, "\n").trim();
    return JSON.stringify(Object.entries(rest).filter(([, value]) => value).sort());
  }
  function store(form) {
    try {
      sessionStorage.setItem(key(form), JSON.stringify({ at: Date.now(), fields: fields(form) }));
    } catch { /* a full or closed store: the page still holds the text */ }
  }
  function drop(form) {
    try {
      sessionStorage.removeItem(key(form));
    } catch { /* nothing to drop */ }
  }
  function fill(form, found) {
    for (const input of form.elements) {
      if (!(input.name in found) && input.type !== "radio") continue;
      if (input.type === "radio") input.checked = found[input.name] === input.value;
      else if (input.name !== "csrfmiddlewaretoken" && input.type !== "submit") input.value = found[input.name];
    }
    form.querySelectorAll("details").forEach((each) => { each.open = true; });
  }
  function offer(form, found) {
    const box = document.createElement("div");
    box.className = "notice risk kept";
    const clock = new Date(found.at).toLocaleTimeString("id-ID", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Jakarta" });
    const text = document.createElement("p");
    text.textContent = `Ada ketikan Anda pukul ${clock} WIB yang belum terkirim.`;
    const back = document.createElement("button");
    const away = document.createElement("button");
    for (const [button, label] of [[back, "Kembalikan"], [away, "Buang"]]) {
      button.type = "button";
      button.className = "btn small";
      button.textContent = label;
    }
    back.addEventListener("click", () => {
      box.remove();
      fill(form, found.fields);
      form.dispatchEvent(new CustomEvent("kembali", { bubbles: true }));
    });
    away.addEventListener("click", () => {
      box.remove();
      drop(form);
    });
    const actions = document.createElement("div");
    actions.className = "actions";
    actions.append(back, away);
    box.append(text, actions);
    form.prepend(box);
  }

  for (const form of document.querySelectorAll("form[data-keep]")) {
    let found = null;
    try {
      found = JSON.parse(sessionStorage.getItem(key(form)));
    } catch { /* nothing that can be read */ }
    if (!found || !found.fields) continue;
    if (words(found.fields) === words(fields(form))) drop(form);
    else offer(form, found);
  }
  return { store, drop };
})();
