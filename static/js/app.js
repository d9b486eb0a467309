// What every page does beyond its HTML: says in Indonesian when a request did not arrive, and closes what was opened.
"use strict";
(() => {
  const box = document.getElementById("kabar");

  function tell(text, link) {
    if (!box) return;
    box.replaceChildren();
    if (!text) return;
    const note = document.createElement("p");
    note.className = "notice returned";
    note.append(text);
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.target = "_blank";
      anchor.rel = "noopener";
      anchor.textContent = link.text;
      note.append(" ", anchor);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn link";
    close.textContent = "Tutup";
    close.addEventListener("click", () => tell(""));
    note.append(" ", close);
    box.append(note);
  }

  const other = "Orang lain sekarang masuk di peramban ini, jadi halaman ini disembunyikan. Yang belum terkirim menunggu di perangkat ini untuk Anda.";
  const login = { href: "/masuk/", text: "Masuk di tab baru" };
  const kept = () => Boolean(window.kept && document.querySelector("form[data-keep]"));
  const offline = () => (kept() ? "Jaringan terputus. Yang Anda ketik disimpan di perangkat ini dan terkirim sendiri saat tersambung." : "Jaringan terputus. Yang Anda ketik masih di halaman ini tetapi belum terkirim.");
  const reasons = {
    401: ["Sesi Anda berakhir dan perubahan terakhir belum terkirim. Masuk lagi, lalu ulangi di sini.", login],
    403: ["Ditolak. Coba sekali lagi; bila tetap ditolak, akun Anda tidak berwenang atas tindakan ini."],
    404: ["Yang dituju tidak ada lagi. Muat ulang halaman."],
    413: ["Berkas terlalu besar untuk dikirim."],
    429: ["Terlalu banyak permintaan. Tunggu sebentar, lalu coba lagi."],
    503: ["Sistem sedang sibuk atau dirawat. Perubahan terakhir belum tersimpan; coba lagi sebentar."],
  };

  // Logging in again, in this tab or another, changes the token that every request must carry: take the new one over,
  // so that what was typed here can still be sent. Never for another person who logged in on the same machine.
  let expired = false;
  async function renew() {
    const answer = await fetch("/akun/", { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || new URL(answer.url).pathname !== "/akun/") return;
    const body = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (body.dataset.user !== me) {
      hide(other);
      return;
    }
    const headers = body.getAttribute("hx-headers");
    document.body.setAttribute("hx-headers", headers);
    for (const input of document.getElementsByName("csrfmiddlewaretoken")) input.value = JSON.parse(headers)["X-CSRFToken"];
    if (!expired) return;
    expired = false;
    tell("Anda sudah masuk lagi. Ulangi tindakan terakhir di halaman ini.");
    document.dispatchEvent(new CustomEvent("kla:back"));
  }
  function refused(status) {
    if (status === 401) expired = true;
    if (status === 403) renew();
    tell(...(reasons[status] || [`Sistem tidak dapat menyelesaikan permintaan (galat ${status}). Perubahan terakhir belum tersimpan.`]));
  }

  // A shared computer: a page that was left open is hidden as soon as its owner signs out, or another signs in, in this browser.
  const me = document.body.dataset.user;
  function hide(text, link) {
    document.getElementById("isi").hidden = Boolean(text);
    tell(text, link);
  }
  try {
    if (me) localStorage.setItem("kla-siapa", me);
  } catch { /* no store: nothing to compare with */ }
  window.addEventListener("storage", (event) => {
    if (!me || event.key !== "kla-siapa") return;
    if (event.newValue === null) {
      if (event.oldValue !== me) return;
      document.dispatchEvent(new CustomEvent("kla:keluar"));
      hide("Anda sudah keluar di tab lain.", login);
    } else if (event.newValue !== me) {
      hide(other);
    } else {
      hide("");
      expired = true;
      renew();
    }
  });

  window.addEventListener("focus", () => expired && renew());
  document.addEventListener("visibilitychange", () => !document.hidden && expired && renew());

  window.addEventListener("offline", () => tell(offline()));
  window.addEventListener("online", () => tell(""));

  document.addEventListener("htmx:sendError", () => tell(navigator.onLine ? "Tidak dapat menghubungi sistem. Perubahan terakhir belum tersimpan." : offline()));
  document.addEventListener("htmx:timeout", () => tell("Sistem terlalu lama menjawab. Perubahan terakhir mungkin belum tersimpan; coba lagi."));
  document.addEventListener("htmx:responseError", (event) => refused(event.detail.xhr.status));
  // A session that ended answers with the log-in page: never put it into the middle of this one.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const url = event.detail.xhr.responseURL;
    if (url && new URL(url).pathname === "/masuk/" && location.pathname !== "/masuk/") {
      event.detail.shouldSwap = false;
      refused(401);
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const url = event.detail.xhr.responseURL;
    if (event.detail.successful && !(url && new URL(url).pathname === "/masuk/")) tell("");
  });

  // What was typed and has not arrived waits in this browser (keep.js, loaded only where something does). Signing out takes
  // it away, after asking: the next person at this computer finds nothing.
  const prefix = `kla:ketik:${document.body.dataset.user}:`;
  function waiting() {
    try {
      return Object.keys(localStorage).filter((each) => each.startsWith(prefix));
    } catch { return []; }
  }
  if (document.body.dataset.user && document.body.dataset.keep && waiting().length && !document.querySelector("form[data-keep], #kisi")) {
    const script = document.createElement("script");
    script.src = document.body.dataset.keep;
    document.head.append(script);
  }
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[action$='/keluar/'], form[action$='/keluar-semua/']")) return;
    const names = waiting();
    if (names.length && !confirm(`${names.length} ketikan belum terkirim. Keluar membuangnya dari perangkat ini. Tetap keluar?`)) {
      event.preventDefault();
      return;
    }
    try {
      for (const name of [...names, "kla-siapa"]) localStorage.removeItem(name);
    } catch { /* nothing to remove */ }
    document.dispatchEvent(new CustomEvent("kla:keluar"));
  });

  function closeOthers(except) {
    for (const open of document.querySelectorAll("details.menu[open], details.rest[open], details.confirm[open]")) {
      if (!open.contains(except)) open.open = false;
    }
  }
  document.addEventListener("click", (event) => closeOthers(event.target));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest ? event.target.closest("details.menu[open], details.rest[open], details.confirm[open]") : null;
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
})();
