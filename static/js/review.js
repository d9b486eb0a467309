// The keyboard of the queue, of the review page and of its end, and the usual reasons. Without it the same links and buttons are clicked.
"use strict";
(() => {
  const form = document.querySelector("[data-decision]");
  const note = form ? form.querySelector("textarea[name=catatan]") : null;

  // A usual reason is copied into the note, to go on from; the list is then free again.
  const reasons = form ? form.querySelector("select[name=alasan]") : null;
  if (reasons && note) {
    reasons.addEventListener("change", () => {
      if (!reasons.value) return;
      note.value = [note.value.trim(), reasons.value].filter(Boolean).join(" ");
      reasons.value = "";
      note.focus();
      note.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  // The second half of a double click falls on the next answer's page: it is not a decision on that one.
  const AGAIN = 400;
  if (form) {
    form.addEventListener("click", (event) => {
      if (!event.detail || !event.target.closest("[data-accept], [data-return]")) return; // keys have no detail
      const last = Number(sessionStorage.getItem("putusan") || 0);
      const gap = Date.now() - last;
      if (gap >= 0 && gap < AGAIN) event.preventDefault();
      else sessionStorage.setItem("putusan", String(Date.now()));
    });
  }

  function typing(element) {
    if (element.matches("input[type=radio]")) return false;
    return element.matches("input, select, textarea, [contenteditable]");
  }
  function press(selector) {
    const target = document.querySelector(selector);
    if (target) target.click();
    return Boolean(target);
  }
  function level(number) {
    const choice = form ? form.querySelectorAll("input[name=tingkat]")[number - 1] : null;
    if (!choice) return false;
    choice.checked = true;
    choice.focus();
    choice.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  const keys = {
    k: () => { if (note) note.focus(); return Boolean(note); },
    j: () => press("[data-below]"),
    l: () => press("[data-skip]"),
    s: () => press("[data-finish]"),
  };

  document.addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.key === "Enter" && event.ctrlKey && at === note) {
      event.preventDefault();
      press("[data-return]");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (!(at instanceof Element) || typing(at)) {
      if (event.key === "Escape" && at === note) note.blur();
      return;
    }
    const radio = at.matches("input[type=radio]");
    let done = false;
    if (/^[1-9]$/.test(event.key)) done = level(Number(event.key));
    else if (event.key === "Enter") done = !at.closest("a, button, summary") && press("[data-accept]");
    else if (event.key === "ArrowDown") done = !radio && press("[data-below]");
    else if (event.key === "ArrowUp") done = !radio && press("[data-above]");
    else if (Object.hasOwn(keys, event.key.toLowerCase())) done = keys[event.key.toLowerCase()]();
    if (done) event.preventDefault();
  });
})();
