// Sends files from the card itself, one after another, with what has arrived in bytes; each can be stopped or sent again.
"use strict";
(() => {
  const MOST = 25 * 1024 * 1024;
  const KINDS = /\.(pdf|jpe?g|png|xlsx|docx|pptx)$/i;
  const queue = [];
  let busy = false;

  const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} KB` : `${(bytes / 1e6).toFixed(1).replace(".", ",")} MB`);

  function button(label, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn link";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  }

  class Row {
    constructor(file, place) {
      this.file = file;
      this.place = place;
      this.box = document.createElement("div");
      this.box.className = "upload";
      this.text = document.createElement("span");
      this.text.setAttribute("role", "status");
      this.bar = document.createElement("progress");
      this.bar.max = file.size || 1;
      this.bar.value = 0;
      this.bar.setAttribute("aria-label", `Mengirim ${file.name}`);
      this.stop = button("Batal", () => this.cancel());
      this.box.append(this.text, this.bar, this.stop);
      document.getElementById(place.rows).append(this.box);
      this.say(`${file.name}: menunggu giliran, ${size(file.size)}`);
    }
    say(text, kind = "") {
      this.text.textContent = text;
      this.text.className = kind;
    }
    end(text, more) {
      this.bar.remove();
      this.stop.remove();
      this.say(text, "refused");
      this.box.append(" ", ...(more ? [more] : []), button("Tutup", () => this.box.remove()));
    }
    cancel() {
      const at = queue.indexOf(this);
      if (at >= 0) queue.splice(at, 1);
      if (this.request) this.request.abort();
      this.box.remove();
    }
    again() {
      this.box.remove();
      add(this.file, this.place);
    }
    send() {
      const body = new FormData();
      body.append("berkas", this.file);
      const request = new XMLHttpRequest();
      this.request = request;
      request.open("POST", this.place.url);
      for (const [name, value] of Object.entries(JSON.parse(document.body.getAttribute("hx-headers")))) request.setRequestHeader(name, value);
      request.setRequestHeader("HX-Request", "true");
      request.upload.addEventListener("progress", (event) => {
        this.bar.max = event.total;
        this.bar.value = event.loaded;
        this.say(event.loaded < event.total ? `${this.file.name}: ${size(event.loaded)} dari ${size(event.total)}` : `${this.file.name}: diperiksa…`);
      });
      return new Promise((done) => {
        request.addEventListener("loadend", () => done(request));
        request.send(body);
      });
    }
    finish(request) {
      if (!request.status) {
        if (this.box.isConnected) this.end(`${this.file.name} belum terkirim: jaringan terputus.`, button("Kirim lagi", () => this.again()));
        return;
      }
      if (![200, 413, 422].includes(request.status) || !request.responseText) {
        const reason = request.status === 401 ? "Sesi Anda berakhir. Masuk lagi di tab lain" : request.status === 413 ? "Berkas terlalu besar" : `Galat ${request.status}`;
        this.end(`${this.file.name} belum tersimpan. ${reason}.`, button("Kirim lagi", () => this.again()));
        return;
      }
      const reply = new DOMParser().parseFromString(request.responseText, "text/html");
      const refused = [...reply.querySelectorAll(".refused li")].map((each) => each.textContent);
      for (const each of reply.querySelectorAll(".refused")) each.remove();
      window.htmx.swap(`#${this.place.list}`, reply.body.innerHTML, { swapStyle: "outerHTML" });
      if (refused.length) this.end(refused.join(" "));
      else this.box.remove();
    }
  }

  async function work() {
    if (busy) return;
    busy = true;
    while (queue.length) {
      const row = queue.shift();
      row.finish(await row.send());
    }
    busy = false;
  }
  function add(file, place) {
    const row = new Row(file, place);
    if (!KINDS.test(file.name)) row.end(`${file.name} tidak diterima. Kirim sebagai PDF, JPG, PNG, XLSX, DOCX, atau PPTX.`);
    else if (file.size > MOST) row.end(`${file.name} tidak diterima. Paling besar 25 MB per berkas.`);
    else queue.push(row);
    work();
  }

  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("button[data-upload]");
    if (!chosen) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.accept = ".pdf,.jpg,.jpeg,.png,.xlsx,.docx,.pptx";
    const { upload, list, rows } = chosen.dataset;
    input.addEventListener("change", () => {
      for (const file of input.files) add(file, { url: upload, list, rows });
    });
    input.click();
  }, true);
  window.addEventListener("beforeunload", (event) => {
    if (busy) event.preventDefault();
  });
})();
