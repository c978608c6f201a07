// The preview beside a booking follows what is chosen. Without this script the button "Preview" does it.
"use strict";
(() => {
  const form = document.querySelector("form[data-booking]");
  if (!form) return;
  const watched = new Set(["article_number", "quantity", "starts_on", "coupon", "addons", "unit_price", "ends_on", "next_event"]);
  form.querySelector("[data-preview]").hidden = true;
  let asked = 0;
  form.addEventListener("change", (event) => {
    if (watched.has(event.target.name)) look();
  });
  if (touched(form)) look();

  async function look() {
    const mine = ++asked;
    const values = new FormData(form);
    values.set("do", "preview");
    try {
      const answer = await fetch(form.action, { method: "POST", body: values });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const found = page.getElementById("foreseen");
      if (found && mine === asked) document.getElementById("foreseen").replaceWith(found);
    } catch {
      // The preview stays as it is; the button still asks for everything anew.
    }
  }

  // Sent twice it would be concluded once; that the click was taken is shown all the same.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.classList.contains("primary")) event.submitter.setAttribute("aria-busy", "true");
  });
})();
