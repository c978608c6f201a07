// A deed that asks first, in a dialog instead of on a page of its own. Without this script the page opens.
// A link with data-dialog is opened by its address, a button with data-dialog by its form's values (GET).
"use strict";
(() => {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(link.href);
  });

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.hasAttribute("data-dialog")) return;
    event.preventDefault();
    const values = new FormData(event.target);
    values.delete("csrf_token");
    if (button.name) values.append(button.name, button.value);
    open((button.getAttribute("formaction") || event.target.action) + "?" + new URLSearchParams(values));
  });

  async function open(address) {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-labelledby", "dialog-title");
    try {
      const answer = await fetch(address, { headers: { "X-Fragment": "dialog" } });
      const inside = await answer.text();
      // A page of its own (logged out, an error): show it as one.
      if (!answer.ok || answer.redirected || !inside.includes('id="dialog-title"')) return location.assign(address);
      dialog.innerHTML = inside;
    } catch {
      return location.assign(address);
    }
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close]")) {
        event.preventDefault();
        dialog.close();
      }
    });
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector("[autofocus], input:not([type=hidden]), select, textarea") || dialog.querySelector("h2");
    first.focus();
  }
})();
