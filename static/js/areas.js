// The grid by keyboard: arrows move, y and t and space answer, and each cell is sent by itself. Figures come from the
// server's reply. Without this script a cell is typed and the whole is saved by the button.
"use strict";
(() => {
  const form = document.getElementById("kisi");
  if (!form) return;
  const news = document.getElementById("kabar-sel");
  const WORDS = { y: "Ya", t: "Tidak" };
  const waiting = new Set(); // cells whose answer the server does not have
  const asked = new WeakMap(); // cell -> what is on its way
  const fileButton = document.getElementById("ambil");
  let safe = true; // whether the browser's own store took it
  let busy = false;

  const seen = (cell) => cell.name.split(":")[2];
  const key = (cell) => ({ ya: "y", tidak: "t" })[cell.value.toLowerCase()] || cell.value;
  function say(text, kind = "soft") {
    news.textContent = text;
    news.className = `small ${kind}`;
  }
  function show(cell, value) {
    cell.value = WORDS[value] || value;
    cell.setAttribute("value", cell.value); // the sheet draws by it
  }
  function beside(cell, right, down) {
    const row = cell.closest("tr");
    const cells = [...row.querySelectorAll("input")];
    const at = cells.indexOf(cell);
    if (right) return cells[at + right];
    let next = down > 0 ? row.nextElementSibling : row.previousElementSibling;
    while (next && !next.querySelector("input")) next = down > 0 ? next.nextElementSibling : next.previousElementSibling;
    return next && next.querySelectorAll("input")[at];
  }
  function go(cell) {
    if (!cell) return;
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  // What the server does not have waits in the browser's own store, as the answers of the forms do (keep.js).
  function keep(cell) {
    const label = cell.getAttribute("aria-label").split(":")[0].split(",")[0];
    return window.kept.put(window.kept.cellId(cell), { code: label, fields: { [cell.name]: key(cell) }, said: [`Jawaban: ${cell.value || "kosong"}`] });
  }
  function settle(cell) {
    waiting.delete(cell);
    window.kept.remove(window.kept.keyOf(window.kept.cellId(cell)));
  }
  // What was typed before the page was left goes on from here, on the version it was typed on: the server can tell.
  async function recover() {
    const mine = new Map(cells.map((cell) => [window.kept.cellId(cell), cell]));
    for (const [name, found] of await window.kept.orphans()) {
      const cell = mine.get(name.split(":")[3]);
      if (!cell || cell.readOnly || waiting.has(cell)) continue;
      const [[typed, value]] = Object.entries(found.fields);
      window.kept.remove(name);
      if (value === seen(cell)) continue;
      cell.name = typed;
      show(cell, value);
      waiting.add(cell);
      safe = keep(cell);
    }
    work();
  }
  function put(cell, value) {
    if (cell.readOnly) {
      const why = form.querySelector(`[data-lock-text="${cell.dataset.lock}"]`);
      say(why ? why.lastChild.textContent.trim() : "Sel ini tidak dapat diubah.", "t-risk");
      return;
    }
    show(cell, value);
    if (key(cell) === seen(cell) && !asked.has(cell)) settle(cell);
    else {
      waiting.add(cell);
      safe = keep(cell);
    }
    work();
  }

  // One stop for Tab: the cell where one was last.
  const cells = [...form.querySelectorAll(".g input")];
  for (const cell of cells) cell.tabIndex = cell === cells[0] ? 0 : -1;
  form.addEventListener("focusin", (event) => {
    if (!cells.includes(event.target)) return;
    for (const cell of cells) if (cell.tabIndex === 0) cell.tabIndex = -1;
    event.target.tabIndex = 0;
  });

  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".g input");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1], Enter: [0, 1] };
    const letter = event.key.toLowerCase();
    if (steps[event.key]) go(beside(cell, ...steps[event.key]));
    else if (letter === "y" || letter === "t" || /^[1-9]$/.test(letter)) put(cell, letter);
    else if (event.key === " ") put(cell, key(cell) === "y" ? "t" : "y");
    else if (letter === "b") location.assign(`${cell.closest("tr").querySelector("th a").href}#a-${cell.name.split(":")[0]}`);
    else if (event.key === "Delete" || event.key === "Backspace") put(cell, "");
    else if (event.key === "Tab" || event.key.length > 1) return;
    event.preventDefault();
  });
  form.addEventListener("click", (event) => {
    const cell = event.target.closest(".g input");
    if (cell && event.detail > 0) put(cell, key(cell) === "y" ? "t" : "y");
  });
  form.addEventListener("paste", (event) => event.preventDefault());

  async function send(cell) {
    const body = new FormData();
    const value = key(cell);
    body.append(cell.name, value);
    const headers = { "HX-Request": "true", ...JSON.parse(document.body.getAttribute("hx-headers")) };
    const answer = await fetch(location.href, { method: "POST", body, headers, credentials: "same-origin" });
    if (new URL(answer.url).pathname === "/masuk/" || answer.status === 401) throw new Error("Sesi Anda berakhir. Masuk lagi di tab lain, lalu ulangi.");
    if (![200, 409, 422].includes(answer.status)) throw new Error(`Belum tersimpan (galat ${answer.status}). Coba lagi.`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const fresh of page.querySelectorAll("td input")) take(cell, fresh, value, answer.status);
    for (const part of page.querySelectorAll("body > [id]")) {
      const old = document.getElementById(part.id);
      if (old) old.replaceWith(document.adoptNode(part));
    }
    return answer.status;
  }
  function take(cell, fresh, value, status) {
    cell.name = fresh.name;
    cell.setAttribute("aria-label", fresh.getAttribute("aria-label"));
    cell.closest("td").className = fresh.closest("td").className;
    cell.readOnly = fresh.readOnly;
    if (fresh.dataset.lock) cell.dataset.lock = fresh.dataset.lock;
    if (key(cell) !== value) { // changed again meanwhile: it is sent again
      keep(cell);
      return;
    }
    settle(cell);
    if (status !== 200) show(cell, seen(cell));
  }
  async function work() {
    if (busy) return;
    busy = true;
    while (waiting.size) {
      const [cell] = waiting;
      asked.set(cell, true);
      cell.classList.add("sending");
      say(`Menyimpan ${waiting.size} jawaban…`);
      try {
        const status = await send(cell);
        if (status === 200) say(`Tersimpan ${new Date().toLocaleTimeString("id-ID", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Jakarta" })} WIB`);
        else say("Belum tersimpan: lihat di atas tabel.", "t-risk");
      } catch (error) {
        const text = error instanceof TypeError ? "Menunggu jaringan." : error.message;
        say(`${text} ${waiting.size} jawaban belum terkirim${safe ? ", tersimpan di perangkat ini" : ": jangan tutup halaman ini"}.`, "t-risk");
        if (fileButton) fileButton.hidden = false;
        form.classList.add("typed");
        break;
      } finally {
        cell.classList.remove("sending");
        asked.delete(cell);
      }
      if (!waiting.size) {
        form.classList.remove("typed");
        if (fileButton) fileButton.hidden = true;
      }
    }
    busy = false;
  }
  window.addEventListener("online", work);
  document.addEventListener("kla:back", work);
  document.addEventListener("kla:keluar", () => waiting.clear());
  if (fileButton) fileButton.addEventListener("click", window.kept.download);
  form.addEventListener("submit", () => waiting.clear()); // the store keeps it until the next page shows that it is there
  recover();
  for (const later of [2000, 10000]) setTimeout(recover, later); // the page that this one replaces may not be quite gone yet
  window.addEventListener("beforeunload", (event) => {
    if (waiting.size) event.preventDefault();
  });
})();
