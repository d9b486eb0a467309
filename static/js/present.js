// The presenter view by keyboard: arrows and space move, digits then Enter go to a slide, K writes a decision, H shows the code of the attendance, Esc leaves.
"use strict";
(() => {
  let typed = "";
  const go = (id) => document.getElementById(id)?.click();

  document.addEventListener("keydown", (event) => {
    const write = document.getElementById("tulis");
    const all = document.querySelector("details.all");
    if (event.key === "Escape") {
      if (write && write.open) {
        write.open = false;
        write.querySelector("summary").focus();
      } else if (all && all.open) all.open = false;
      else go("keluar");
      return;
    }
    if (event.target.closest("input, select, textarea") || event.ctrlKey || event.altKey || event.metaKey) return;
    const onControl = event.target.closest("a, button, summary");
    if (["ArrowRight", "ArrowDown", "PageDown"].includes(event.key) || (event.key === " " && !onControl)) go("lanjut");
    else if (["ArrowLeft", "ArrowUp", "PageUp"].includes(event.key)) go("sebelum");
    else if (/^[0-9]$/.test(event.key)) {
      typed = (typed + event.key).slice(-3);
      return;
    } else if (event.key === "Enter" && typed) location.search = `?slide=${typed}`;
    else if (event.key.toLowerCase() === "h") go("hadir");
    else if (event.key.toLowerCase() === "k" && write) {
      write.open = true;
      write.querySelector("textarea").focus();
    } else return;
    typed = "";
    event.preventDefault();
  });
})();
