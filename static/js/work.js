// Saves each answer as it is typed, one at a time, and says what is not saved yet. Without it every card has its button.
"use strict";
(() => {
  const PAUSE = 900;
  const timers = new Map();
  const dirty = new Map(); // form -> how often it was changed
  const sent = new Map(); // form -> the change that is on its way
  const foot = document.getElementById("unsent");
  const take = document.getElementById("ambil");
  const refused = new Set(); // what only a person can mend, by typing or choosing
  let safe = true; // whether the browser's own store took it
  let wait = 5000;
  let retry = 0;
  let leaveTo = "";

  const formOf = (element) => (element && element.closest ? element.closest("form.answer") : null);
  const source = (event) => (event.detail.requestConfig && event.detail.requestConfig.elt) || event.detail.elt; // also when it was replaced
  const lineOf = (form) => form.querySelector(".saved");

  function tellFoot() {
    if (!foot) return;
    const unsent = [...dirty.keys()].filter((form) => !timers.has(form) && !sent.has(form)).length;
    if (!dirty.size) foot.textContent = "";
    else if (!navigator.onLine) foot.textContent = safe ? `Menunggu jaringan, ${dirty.size} perubahan tersimpan di perangkat ini` : `Menunggu jaringan, ${dirty.size} perubahan hanya di halaman ini: jangan ditutup`;
    else foot.textContent = unsent ? `${unsent} perubahan belum terkirim` : `Menyimpan ${dirty.size} perubahan…`;
    if (take) take.hidden = !dirty.size || (navigator.onLine && !unsent);
  }
  function save(form) {
    clearTimeout(timers.get(form));
    timers.delete(form);
    if (form.isConnected && dirty.has(form)) form.dispatchEvent(new CustomEvent("simpan"));
  }
  function touch(form, pause) {
    dirty.set(form, (dirty.get(form) || 0) + 1);
    refused.delete(form);
    safe = window.kept.store(form);
    clearTimeout(timers.get(form));
    if (!lineOf(form).querySelector(".clash")) timers.set(form, setTimeout(() => save(form), pause));
    tellFoot();
  }
  const typed = (event) => event.target.name && event.target.type !== "file" && event.target.type !== "hidden";

  document.addEventListener("input", (event) => {
    const form = formOf(event.target);
    if (form && typed(event)) touch(form, event.target.type === "radio" ? 0 : PAUSE);
  });
  document.addEventListener("change", (event) => {
    const form = formOf(event.target);
    if (form && typed(event) && dirty.has(form) && timers.has(form)) save(form);
  });
  document.addEventListener("submit", (event) => {
    const form = formOf(event.target);
    if (form) dirty.set(form, (dirty.get(form) || 0) + 1);
  }, true);

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = source(event);
    if (!form.matches("form.answer")) return;
    sent.set(form, dirty.get(form));
    refused.delete(form);
    if (!lineOf(form).querySelector(".clash")) lineOf(form).textContent = "Menyimpan…";
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = source(event);
    const { status } = event.detail.xhr; // htmx calls a refusal that is shown a success
    const arrived = status >= 200 && status < 300;
    if (form.matches("[data-drop]") && arrived) {
      const old = formOf(form) || document.querySelector(`#${CSS.escape(event.detail.target.id)} form.answer`);
      if (old) { dirty.delete(old); window.kept.drop(old); }
      for (const each of [...dirty.keys()]) if (!each.isConnected) dirty.delete(each);
    }
    if (form.matches("form.answer")) {
      if (arrived) {
        wait = 5000;
        if (dirty.get(form) === sent.get(form)) {
          dirty.delete(form);
          window.kept.drop(form);
          if (form.isConnected) recover(form); // typed in another tab that is gone
        }
      } else if ([409, 422].includes(status)) {
        refused.add(form);
      } else {
        const line = lineOf(form);
        line.replaceChildren();
        const text = document.createElement("span");
        text.className = "error";
        text.textContent = `${navigator.onLine ? "Belum terkirim" : "Menunggu jaringan"}; ${safe ? "ketikan Anda tersimpan di peramban ini." : "jangan tutup halaman ini."}`;
        line.append(text);
        if (!status || status === 429 || status >= 500) later();
      }
      sent.delete(form);
    }
    tellFoot();
    if (leaveTo && !arrived) {
      leaveTo = "";
      if (form.matches("form.answer")) lineOf(form).scrollIntoView({ block: "center" });
    }
    if (leaveTo && !dirty.size) location.assign(leaveTo);
  });
  function again() {
    for (const form of dirty.keys()) if (!refused.has(form)) save(form);
  }
  // A network that is there and carries nothing, a busy server: again by itself, more and more seldom.
  function later() {
    clearTimeout(retry);
    retry = setTimeout(again, wait);
    wait = Math.min(2 * wait, 60000);
  }
  // No network is said at once, not only after a request has failed.
  function away() {
    for (const form of dirty.keys()) {
      if (!sent.has(form) && form.isConnected && !lineOf(form).querySelector(".clash")) lineOf(form).textContent = "Menunggu jaringan";
    }
    tellFoot();
  }
  // What waited from before goes on from here: on the version it was typed on, so that the server can tell.
  async function recover(form) {
    for (const [name, found] of await window.kept.of(form)) {
      if (dirty.has(form) || !form.isConnected) return;
      if (window.kept.same(form, found)) { window.kept.remove(name); continue; }
      window.kept.fill(form, found.fields);
      dirty.set(form, 1);
      lineOf(form).textContent = `Mengirim ketikan pukul ${window.kept.clock(found.at)} WIB…`;
      if (window.kept.store(form)) window.kept.remove(name);
      if (navigator.onLine) timers.set(form, setTimeout(() => save(form), 0));
      tellFoot();
      return;
    }
  }
  const recoverAll = () => document.querySelectorAll("form.answer").forEach(recover);
  // What was chosen before this script was there (a slow network) counts as typed too.
  const changed = (input) => input.name && input.type !== "hidden" && ("defaultChecked" in input && /radio|checkbox/.test(input.type) ? input.checked !== input.defaultChecked : "defaultValue" in input && input.value !== input.defaultValue);
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form.answer")) if ([...form.elements].some(changed)) touch(form, 0);
    recoverAll();
    for (const later of [2000, 10000]) setTimeout(recoverAll, later); // the page that this one replaces may not be quite gone yet
  });
  if (take) take.addEventListener("click", window.kept.download);
  document.addEventListener("kla:keluar", () => dirty.clear());

  window.addEventListener("online", again);
  document.addEventListener("visibilitychange", () => !document.hidden && again());
  window.addEventListener("offline", away);
  document.addEventListener("kla:back", again);

  // Handing in waits for what is on its way.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("#ajukan, .q-more");
    if (!link || !dirty.size) return;
    event.preventDefault();
    const stuck = [...refused].find((form) => dirty.has(form) && form.isConnected);
    if (stuck) {
      lineOf(stuck).scrollIntoView({ block: "center" });
      return;
    }
    leaveTo = link.href;
    again();
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty.size) event.preventDefault();
  });
})();
