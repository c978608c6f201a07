// Rows of a draft: removed without a round trip, and after one the new row has the focus. Comfort only.
"use strict";
(() => {
  for (const button of document.querySelectorAll("[data-remove]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const row = button.closest(".draft-line");
      const next = row.nextElementSibling?.querySelector("input:not([type=hidden]), button") ?? null;
      row.remove();
      next?.focus();
    });
  }
  if (sessionStorage.getItem("draft-added")) {
    sessionStorage.removeItem("draft-added");
    const rows = document.querySelectorAll(".draft-line");
    rows[rows.length - 1]?.querySelector("input:not([type=hidden])")?.focus();
  }
  document.addEventListener("submit", (event) => {
    if (["add", "product"].includes(event.submitter?.value)) sessionStorage.setItem("draft-added", "yes");
  });
})();
