// What was typed into an answer and has not arrived waits here, in the browser's own store: by user, answer and tab, with
// the version that it was typed on. It is sent by itself when the network is there; the server says when it has moved on.
// Shown to its writer only; gone once saved, or when one signs out. Loaded by pages with answers, and where something waits.
"use strict";
window.kept = (() => {
  const PREFIX = "kla:ketik:";
  const PATIENCE = 15000; // where a browser cannot say which pages are open
  const MONTH = 30 * 24 * 3600 * 1000;
  const user = document.body.dataset.user;
  const skip = new Set(["csrfmiddlewaretoken", "lalu", "timpa", "gabung"]);
  const clock = (at) => new Date(at).toLocaleTimeString("id-ID", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Jakarta" });
  const states = {
    409: "berbeda dengan versi di server; buka isiannya untuk memilih",
    422: "ditolak; buka isiannya untuk melihat sebabnya",
    404: "isian ini tidak ada lagi pada Anda",
    403: "belum terkirim",
  };

  // Each page that is open holds a lock with its own name: a draft whose page is gone is an orphan, and others may send it.
  const tab = Math.random().toString(36).slice(2, 10);
  if (navigator.locks) navigator.locks.request(`kla:tab:${tab}`, () => new Promise(() => {}));
  async function orphans() {
    const all = mine().filter(([name]) => !name.endsWith(`:${tab}`));
    if (!navigator.locks) return all.filter(([, found]) => Date.now() - found.at > PATIENCE);
    const held = new Set((await navigator.locks.query()).held.map((each) => each.name));
    return all.filter(([name]) => !held.has(`kla:tab:${name.split(":").pop()}`));
  }
  const keyOf = (id) => `${PREFIX}${user}:${id}:${tab}`;
  const key = (form) => keyOf(form.dataset.keep);
  const answer = (name) => name.split(":")[3];

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
  function read(name) {
    try {
      return JSON.parse(localStorage.getItem(name));
    } catch { return null; }
  }
  function write(name, found) {
    try {
      localStorage.setItem(name, JSON.stringify(found));
      return true;
    } catch { return false; }
  }
  function remove(name) {
    try {
      localStorage.removeItem(name);
    } catch { /* nothing to remove */ }
  }
  function mine() {
    let names = [];
    try {
      names = Object.keys(localStorage).filter((each) => each.startsWith(`${PREFIX}${user}:`));
    } catch { /* no store */ }
    return names.map((name) => [name, read(name)]).filter(([, found]) => found && found.fields).sort((a, b) => a[1].at - b[1].at);
  }
  const of = async (form) => (await orphans()).filter(([name]) => answer(name) === form.dataset.keep);

  // A cell of the grid of areas: `sel-` and its answer; it is drawn anew, so its name tells.
  const cellId = (input) => `sel-${input.name.split(":")[0]}`;
  const put = (id, found) => write(keyOf(id), { at: Date.now(), path: location.pathname, page: location.pathname + location.search, ...found });

  // As people read it, for the file.
  function said(form) {
    const typed = [...form.elements].filter((each) => each.name && each.value && !skip.has(each.name) && (each.type === "radio" ? each.checked : !["hidden", "submit"].includes(each.type)));
    return typed.map((each) => {
      const label = ((each.labels && each.labels[0] ? each.labels[0].textContent : each.getAttribute("aria-label")) || each.name).trim().replace(/\s+/g, " ");
      return each.type === "radio" ? `Jawaban: ${label}` : `${label}: ${each.value}`;
    });
  }
  function store(form) {
    const code = form.dataset.code || form.dataset.keep;
    return write(key(form), { at: Date.now(), path: new URL(form.action).pathname, page: location.pathname, code, fields: fields(form), said: said(form) });
  }
  // What arrived is taken away, from whichever tab it came; what another tab typed since stays.
  function drop(form) {
    remove(key(form));
    const now = words(fields(form));
    for (const [name, found] of mine()) if (answer(name) === form.dataset.keep && words(found.fields) === now) remove(name);
  }
  function fill(form, found) {
    for (const input of form.elements) {
      if (!(input.name in found) && input.type !== "radio") continue;
      if (input.type === "radio") input.checked = found[input.name] === input.value;
      else if (input.name !== "csrfmiddlewaretoken" && input.type !== "submit") input.value = found[input.name];
    }
    form.querySelectorAll("details.q-note").forEach((each) => { each.open = true; });
  }

  // --- what waits for a form that is not on this page ---
  let panel = null;
  const here = () => new Set([...[...document.querySelectorAll("form[data-keep]")].map((form) => form.dataset.keep), ...[...document.querySelectorAll("#kisi .g input:not([readonly])")].map(cellId)]);
  async function elsewhere() {
    const open = here();
    return (await orphans()).filter(([name]) => !open.has(answer(name)));
  }
  function text() {
    const lines = mine().map(([, found]) => {
      const head = `${found.code}, diketik ${new Date(found.at).toLocaleString("id-ID", { timeZone: "Asia/Jakarta" })} WIB`;
      return [head, ...(found.said || []).map((each) => `  ${each}`), ""].join("\r\n");
    });
    return ["KLA Tracker: ketikan yang belum terkirim", location.origin, "", ...lines].join("\r\n");
  }
  function download() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text()], { type: "text/plain;charset=utf-8" }));
    link.download = "ketikan-belum-terkirim.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn small";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }
  async function show() {
    const waiting = await elsewhere();
    if (panel) panel.remove();
    panel = null;
    if (!waiting.length) return;
    panel = document.createElement("details");
    panel.className = "notice risk kept";
    const head = document.createElement("summary");
    head.textContent = `${waiting.length} ketikan menunggu dikirim`;
    const list = document.createElement("ul");
    for (const [name, found] of waiting) {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `${found.page}#${answer(name).startsWith("sel-") ? answer(name).replace("sel-", "c") : `q-${answer(name)}`}`;
      link.textContent = found.code;
      item.append(link, ` pukul ${clock(found.at)} WIB: ${states[found.state] || "menunggu jaringan"} `);
      item.append(button("Buang", () => { if (confirm(`Buang ketikan untuk ${found.code}?`)) { remove(name); show(); } }));
      list.append(item);
    }
    const actions = document.createElement("div");
    actions.className = "actions";
    actions.append(button("Simpan sebagai berkas", download));
    panel.append(head, list, actions);
    document.getElementById("isi").prepend(panel);
  }
  async function send(name, found) {
    const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
    const answer = await fetch(found.path, {
      method: "POST", credentials: "same-origin", headers: { "HX-Request": "true", ...token }, body: new URLSearchParams(found.fields),
    });
    if (answer.ok && new URL(answer.url).pathname === found.path) remove(name);
    else if (answer.status in states) write(name, { ...found, state: answer.status });
    return answer.status !== 401 && answer.status < 500;
  }
  async function drain() {
    try {
      for (const [name, found] of await elsewhere()) {
        if (found.state && found.state !== 403) continue;
        if (!navigator.onLine || !(await send(name, found))) break;
      }
    } catch { /* no network: the next time */ }
    await show();
  }
  const alone = () => (navigator.locks ? navigator.locks.request("kla:ketik", { ifAvailable: true }, (lock) => (lock ? drain() : show())) : drain());

  window.addEventListener("online", alone);
  document.addEventListener("kla:back", alone);
  setInterval(alone, 60000);
  for (const later of [2000, 10000]) setTimeout(alone, later); // the page that this one replaces may not be quite gone yet
  for (const [name, found] of mine()) if (Date.now() - found.at > MONTH) remove(name);
  if (user) alone();
  return { put, cellId, keyOf, orphans, store, drop, fill, of, same: (form, found) => words(found.fields) === words(fields(form)), remove, clock, download };
})();
