// Sends files from the card itself, two at a time, each with what has arrived, a stop and another try. Photos are made
// smaller first. A file goes as a form sends it; a larger one, or one whose first try broke off, goes in parts (tus 1.0)
// and goes on where it stopped when the network, the page or the server comes back.
"use strict";
(() => {
  const KINDS = /\.(pdf|jpe?g|png|xlsx|docx|pptx)$/i;
  const PLAIN = 5 * 1024 * 1024;
  const AT_ONCE = 2;
  const [SMALLEST, LARGEST] = [128 * 1024, 2 * 1024 * 1024];
  const PHOTO = { from: 1.5e6, side: 2560, quality: 0.85 };
  const TUS = { "Tus-Resumable": "1.0.0" };
  const AWAY = [0, 409, 423, 500, 502, 503, 504];
  const queue = [];
  const offers = [];
  const stopped = new Set();
  const shown = new Map(); // of each list: how many replies it has shown
  let running = 0;

  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1).replace(".", ",")} MB`);
  const left = (seconds) => (seconds < 60 ? "sisa kurang dari 1 menit" : `sisa sekitar ${Math.round(seconds / 60)} menit`);
  const coded = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const decoded = (text) => new TextDecoder().decode(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));

  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn link";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }
  function choose(several, then) {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = several;
    input.accept = ".pdf,.jpg,.jpeg,.png,.xlsx,.docx,.pptx";
    input.addEventListener("change", () => then([...input.files]));
    input.click();
  }

  // Which uploads this person has half-way in this browser: addresses only, no name and no bytes.
  const shelf = `unggahan:${document.body.dataset.user}`;
  function remembered() {
    try {
      return JSON.parse(localStorage.getItem(shelf)) || [];
    } catch {
      return [];
    }
  }
  function remember(found) {
    try {
      if (found.length) localStorage.setItem(shelf, JSON.stringify(found));
      else localStorage.removeItem(shelf);
    } catch { /* a full or closed store: after a reload the file is sent anew */ }
  }
  const forget = (url) => remember(remembered().filter((each) => each.url !== url));

  async function shrunk(file) {
    if (!/\.jpe?g$/i.test(file.name) || file.size < PHOTO.from) return file;
    try {
      const image = await createImageBitmap(file);
      const scale = Math.min(1, PHOTO.side / Math.max(image.width, image.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(image.width * scale);
      canvas.height = Math.round(image.height * scale);
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      image.close();
      const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", PHOTO.quality); });
      return blob && blob.size < file.size ? new File([blob], file.name, { type: "image/jpeg" }) : file;
    } catch {
      return file; // the server says what is wrong with it
    }
  }
  async function sum(file) {
    if (!window.crypto || !crypto.subtle) return "";
    try {
      const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      return [...new Uint8Array(digest)].map((each) => each.toString(16).padStart(2, "0")).join("");
    } catch {
      return "";
    }
  }

  function call(row, method, url, headers, body = null) {
    const request = new XMLHttpRequest();
    if (row) Object.assign(row, { request, seen: row.shown() });
    request.open(method, url);
    request.timeout = 180000;
    const token = JSON.parse(document.body.getAttribute("hx-headers"));
    for (const [name, value] of Object.entries({ ...token, "HX-Request": "true", ...headers })) request.setRequestHeader(name, value);
    if (row && body) request.upload.addEventListener("progress", (event) => row.moved(event.loaded, event.total));
    return new Promise((done) => {
      request.addEventListener("loadend", () => done(request));
      request.send(body);
    });
  }

  class Row {
    constructor(place, name, total) {
      this.place = place;
      this.name = name;
      this.total = total;
      this.sent = 0;
      this.box = document.createElement("div");
      this.box.className = "upload";
      this.text = document.createElement("span");
      this.text.setAttribute("role", "status");
      this.figures = document.createElement("span");
      this.bar = document.createElement("progress");
      this.bar.max = total || 1;
      this.bar.value = 0;
      this.bar.setAttribute("aria-label", `Mengirim ${name}`);
      this.stop = button("Batal", () => this.cancel());
      this.stop.setAttribute("aria-label", `Batal mengirim ${name}`);
      this.box.append(this.text, this.figures, this.bar, this.stop);
      document.getElementById(place.rows).append(this.box);
    }
    say(text, kind = "") {
      if (this.text.textContent !== text) this.text.textContent = text;
      this.text.className = kind;
    }
    show(bytes) {
      this.bar.max = this.total || 1;
      this.bar.value = bytes;
      const seconds = (performance.now() - this.started) / 1000;
      const rate = (bytes - this.before) / seconds;
      const rest = seconds > 2 && rate > 0 && bytes < this.total ? `, ${left((this.total - bytes) / rate)}` : "";
      this.figures.textContent = ` ${size(bytes)} dari ${size(this.total)}${rest}`;
    }
    moved(loaded, total) {
      const part = Math.min(loaded, total); // a form's body is a little longer than its file
      const bytes = Math.min(this.sent + part, this.total);
      this.say(bytes < this.total ? `${this.name}: dikirim,` : `${this.name}: diperiksa,`);
      this.show(bytes);
    }
    end(text, again) {
      for (const each of [this.bar, this.figures, this.stop]) each.remove();
      this.say(text, "refused");
      this.box.append(" ", ...(again ? [button("Kirim lagi", () => this.again())] : []), button("Tutup", () => this.close()));
      if (again) stopped.add(this);
    }
    close() {
      stopped.delete(this);
      this.drop();
      this.box.remove();
    }
    cancel() {
      this.gone = true;
      const at = queue.indexOf(this);
      if (at >= 0) queue.splice(at, 1);
      if (this.request && !this.making) this.request.abort(); // else its address comes back first, then it is dropped
      if (this.wake) this.wake();
      this.drop();
      this.box.remove();
    }
    drop() {
      if (!this.url) return;
      forget(this.url);
      call(null, "DELETE", this.url, TUS);
      this.url = "";
    }
    again() {
      stopped.delete(this);
      const next = new Row(this.place, this.name, this.total);
      Object.assign(next, { file: this.file, sum: this.sum, url: this.url, unsure: true, inParts: this.inParts, ready: true });
      this.box.replaceWith(next.box);
      line(next);
    }

    async go() {
      if (!this.ready) {
        this.say(`${this.name}: disiapkan`);
        this.file = await shrunk(this.file);
        this.total = this.file.size;
        if (this.total > PLAIN) this.sum = this.sum || await sum(this.file);
        this.continueOffer();
        this.ready = true;
      }
      this.started = performance.now();
      this.before = 0;
      let reply = null;
      if (this.total <= PLAIN && !this.inParts && !this.gone) {
        const body = new FormData();
        body.append("berkas", this.file);
        reply = await call(this, "POST", this.place.url, {}, body);
        if (!reply.status) this.inParts = true;
      }
      if ((!reply || !reply.status) && !this.gone) reply = await this.parts();
      if (!this.gone) await this.finish(reply);
    }
    continueOffer() {
      const found = this.sum && offers.find((each) => each.place.url === this.place.url && each.sum === this.sum);
      if (!found) return;
      offers.splice(offers.indexOf(found), 1);
      found.box.remove();
      Object.assign(this, { url: found.url, unsure: true });
    }

    // One step after the other until the server has the whole: make the place, ask how far it got, send a part.
    async parts() {
      let [piece, tries, anew] = [LARGEST / 4, 0, 0];
      while (!this.gone) {
        let reply;
        if (!this.url) {
          const told = `filename ${coded(this.file.name)}${this.sum ? `,sha256 ${coded(this.sum)}` : ""}`;
          this.making = true;
          reply = await call(this, "POST", this.place.url.replace(/data-dukung\/$/, "unggahan/"), { ...TUS, "Upload-Length": this.total, "Upload-Metadata": told });
          this.making = false;
          if (reply.status === 201) {
            this.url = reply.getResponseHeader("Location");
            this.unsure = false;
            this.sent = 0;
            if (this.gone) this.drop();
            else if (this.sum) remember([...remembered(), { at: this.place.url, url: this.url }]);
            continue;
          }
        } else if (this.unsure) {
          reply = await call(this, "HEAD", this.url, TUS);
          if (reply.status === 200) {
            this.unsure = false;
            this.sent = Number(reply.getResponseHeader("Upload-Offset"));
            [this.before, this.started] = [this.sent, performance.now()];
            if (this.sent === this.total) return this.arrived(await call(this, "GET", this.place.url, {}));
            continue;
          }
          if ([404, 410].includes(reply.status) && anew < 2) {
            anew += 1;
            forget(this.url);
            this.url = "";
            continue;
          }
        } else {
          const [end, from] = [Math.min(this.sent + piece, this.total), performance.now()];
          const headers = { ...TUS, "Upload-Offset": this.sent, "Content-Type": "application/offset+octet-stream" };
          reply = await call(this, "PATCH", this.url, headers, this.file.slice(this.sent, end));
          if (reply.status === 204) {
            this.sent = end;
            tries = 0;
            const seconds = (performance.now() - from) / 1000;
            piece = seconds < 3 ? Math.min(piece * 2, LARGEST) : seconds > 12 ? Math.max(piece / 2, SMALLEST) : piece;
            continue;
          }
          if ([200, 422].includes(reply.status)) return this.arrived(reply);
          this.unsure = true;
          piece = SMALLEST * 2;
        }
        if (!AWAY.includes(reply.status)) return reply;
        this.say(`${this.name}: menunggu jaringan, dilanjutkan sendiri.`);
        this.show(this.sent);
        await this.pause(Math.min(500 * 2 ** tries, 15000));
        tries += 1;
      }
      return null;
    }
    arrived(reply) {
      if (reply.status === 422) this.drop();
      else if (reply.status === 200) {
        forget(this.url);
        this.url = "";
      }
      return reply;
    }
    pause(milliseconds) {
      return new Promise((done) => {
        const wake = () => {
          clearTimeout(timer);
          window.removeEventListener("online", wake);
          done();
        };
        const timer = setTimeout(wake, milliseconds);
        window.addEventListener("online", wake);
        this.wake = wake;
      });
    }

    shown() {
      return shown.get(this.place.list) || 0;
    }
    async finish(request) {
      const kind = request.getResponseHeader("Content-Type") || "";
      if ([413, 422, 429, 507].includes(request.status) && kind.startsWith("text/plain") && request.responseText) {
        this.end(request.responseText, request.status === 429);
        return;
      }
      if (![200, 413, 422].includes(request.status) || !request.responseText) {
        const reason = request.status === 401 ? "Sesi Anda berakhir. Masuk lagi di tab lain" : request.status === 413 ? "Berkas terlalu besar" : `Galat ${request.status}`;
        this.end(`${this.name} belum tersimpan. ${reason}.`, true);
        // app.js takes over the new token once the same person has logged in again.
        if ([401, 403].includes(request.status)) document.dispatchEvent(new CustomEvent("htmx:responseError", { detail: { xhr: request } }));
        return;
      }
      const parsed = (text) => new DOMParser().parseFromString(text, "text/html");
      let reply = parsed(request.responseText);
      const refused = [...reply.querySelectorAll(".refused li")].map((each) => each.textContent);
      // What was sent beside this was shown since: this reply may be the older one and lack that file.
      while (this.seen !== this.shown()) {
        const newer = await call(this, "GET", this.place.url, {});
        if (newer.status !== 200) break;
        reply = parsed(newer.responseText);
      }
      for (const each of reply.querySelectorAll(".refused")) each.remove();
      shown.set(this.place.list, this.shown() + 1);
      window.htmx.swap(`#${this.place.list}`, reply.body.innerHTML, { swapStyle: "outerHTML" });
      if (refused.length) this.end(refused.join(" "));
      else this.box.remove();
    }
  }

  function line(row) {
    queue.push(row);
    row.say(`${row.name}: menunggu giliran,`);
    row.figures.textContent = ` ${size(row.total)}`;
    work();
  }
  function work() {
    while (running < AT_ONCE && queue.length) {
      running += 1;
      queue.shift().go().finally(() => {
        running -= 1;
        work();
      });
    }
  }
  function add(file, place, known = {}) {
    const row = Object.assign(new Row(place, file.name, file.size), { file }, known);
    if (KINDS.test(file.name)) line(row);
    else row.end(`${file.name} tidak diterima. Kirim sebagai PDF, JPG, PNG, XLSX, DOCX, atau PPTX.`);
  }

  // What was half-way when the page was left: the browser no longer has the file, the server has what was sent of it.
  async function offer(url, place) {
    const reply = await call(null, "HEAD", url, TUS);
    if ([404, 410].includes(reply.status)) forget(url);
    if (reply.status !== 200) return;
    const told = Object.fromEntries((reply.getResponseHeader("Upload-Metadata") || "").split(",").map((pair) => pair.split(" ")));
    const [sent, total] = ["Upload-Offset", "Upload-Length"].map((name) => Number(reply.getResponseHeader(name)));
    if (sent === total) {
      forget(url);
      return;
    }
    const name = decoded(told.filename || "");
    const row = Object.assign(new Row(place, name, total), { url, sum: decoded(told.sha256 || "") });
    row.bar.value = sent;
    row.say(`${name} belum selesai: ${size(sent)} dari ${size(total)} sudah terkirim. Pilih lagi berkas yang sama, pengiriman dilanjutkan.`);
    row.stop.before(button("Pilih berkas", () => choose(false, async ([file]) => {
      if (await sum(file) === row.sum) {
        add(file, place, { sum: row.sum });
        return;
      }
      row.say(`${file.name} bukan berkas yang sama. Pilih ${name} yang tadi, atau batalkan.`, "refused");
    })), " ");
    offers.push(row);
  }

  // Where a plain form stands for those without this script, it gives way.
  for (const each of document.querySelectorAll("[data-upload-plain]")) each.hidden = true;
  for (const each of document.querySelectorAll("button[data-upload][hidden]")) each.hidden = false;

  const places = new Map();
  const placeOf = ({ upload, list, rows }) => ({ url: upload, list, rows });
  for (const each of document.querySelectorAll("button[data-upload]")) places.set(each.dataset.upload, placeOf(each.dataset));
  for (const each of remembered()) if (places.has(each.at)) offer(each.url, places.get(each.at));

  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("button[data-upload]");
    if (!chosen) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    choose(true, (files) => {
      for (const file of files) add(file, placeOf(chosen.dataset));
    });
  }, true);
  document.addEventListener("kla:back", () => {
    for (const each of [...stopped]) each.again();
  });
  window.addEventListener("beforeunload", (event) => {
    if (running) event.preventDefault();
  });
})();
