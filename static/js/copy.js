// One click copies: beside each text that is to be typed elsewhere stands a button; without JavaScript one selects it.
"use strict";
(() => {
  const told = document.getElementById("tersalin");

  function bySelection(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  async function copy(text) {
    if (navigator.clipboard) {
      try {
        await navigator.clipboard.writeText(text);
        return true;
      } catch {
        // A page without https, or a browser that asks first: the older way.
      }
    }
    return bySelection(text);
  }

  function add(place) {
    const text = place.textContent;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn small copy";
    button.textContent = "Salin";
    button.setAttribute("aria-label", `Salin ${text.slice(0, 60)}`);
    button.addEventListener("click", async () => {
      const done = await copy(text);
      button.textContent = done ? "Tersalin" : "Pilih teksnya, lalu Ctrl+C";
      if (told) told.textContent = done ? `Tersalin: ${text.slice(0, 60)}` : "Tidak dapat menyalin.";
      setTimeout(() => { button.textContent = "Salin"; }, 2000);
    });
    place.append(" ", button);
  }

  for (const place of document.querySelectorAll("[data-copy]")) add(place);
})();
