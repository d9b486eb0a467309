// A passkey: the browser asks its owner, and the form carries the answer. The options stand in the page as JSON.
"use strict";
(() => {
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const says = form.querySelector("[data-says]");
      says.textContent = "";
      try {
        const done = await window.webauthnJSON[form.dataset.passkey](options);
        form.elements.credential.value = JSON.stringify(done);
        form.submit();
      } catch {
        says.textContent = "Kunci sandi tidak terbaca atau dibatalkan. Coba sekali lagi.";
      }
    });
  }
})();
