// While a record is typed: are there others that may be of the same customer? Comfort only; the server asks again.
"use strict";
(() => {
  const area = document.querySelector("[data-alike]");
  if (!area) return;
  const form = area.closest("form"), out = area.querySelector("[data-alike-out]"), button = form.querySelector("[data-anyway]");
  const telling = ["email", "organization", "last_name", "first_name", "zipcode", "phone", "phone_2", "mobile", "bank_iban"];
  const first = button?.textContent;
  let waiting, asked = 0;
  form.addEventListener("input", (event) => {
    if (!telling.includes(event.target.name)) return;
    clearTimeout(waiting);
    waiting = setTimeout(look, 400);
  });
  if (touched(form)) look();

  async function look() {
    const mine = ++asked, values = new URLSearchParams();
    for (const name of [...telling, "csrf_token", "id"]) values.append(name, form.elements[name]?.value ?? "");
    try {
      const answer = await fetch(area.dataset.alike, { method: "POST", body: values });
      if (!answer.ok || answer.redirected) return;
      const found = await answer.text();
      if (mine !== asked || found.trim() === out.innerHTML.trim()) return; // somebody typed on, or nothing is new
      out.innerHTML = found;
      if (button) button.textContent = out.querySelector("[data-alike-found]") ? button.dataset.anyway : first;
    } catch {
      // The line was away for a moment: the next key asks again.
    }
  }
})();
