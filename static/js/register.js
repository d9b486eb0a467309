// A register typed like a spreadsheet: Enter sends the row, Escape gives a change up, and the next row waits with the cursor in it.
"use strict";
(() => {
  const first = (row) => row && row.querySelector("textarea, select, input:not([type=hidden])");

  document.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.form || !cell.closest(".register .typing")) return;
    if (event.key === "Enter" && cell.tagName !== "BUTTON" && !event.isComposing) {
      event.preventDefault();
      if (cell.tagName === "TEXTAREA" && (event.altKey || event.shiftKey)) {
        cell.setRangeText("\n", cell.selectionStart, cell.selectionEnd, "end");
      } else {
        cell.form.requestSubmit();
      }
    }
    if (event.key === "Escape") {
      const cancel = cell.closest("tr").querySelector("[data-cancel]");
      if (cancel) cancel.click();
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const root = event.detail.target;
    const wrong = document.querySelector(".register .typing [aria-invalid=true]");
    const fresh = document.querySelector("#tambah[data-fresh]");
    const editing = document.querySelectorAll(".register form[data-editing]");
    if (wrong) {
      wrong.focus();
    } else if (fresh) {
      fresh.removeAttribute("data-fresh");
      first(fresh.closest("tr")).focus();
    } else if (editing.length && root) {
      const latest = event.detail.elt && event.detail.elt.querySelector ? event.detail.elt.querySelector("form[data-editing]") : null;
      const row = (latest || editing[editing.length - 1]).closest("tr");
      if (!row.contains(document.activeElement)) first(row).focus();
    }
  });
})();
