// Comfort only: the page works without it.
"use strict";

// What a number range would give, while one types.
const preview = document.querySelector("[data-preview]");
if (preview) {
  const out = preview.querySelector("[data-preview-out]");
  let waiting, asked = 0;
  preview.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 200);
  });
  if (touched(preview.closest("form"))) ask();

  async function ask() {
    const mine = ++asked;
    const values = new FormData(preview.closest("form"));
    values.delete("csrf_token");
    const address = preview.dataset.preview + "&" + new URLSearchParams(values);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (mine !== asked) return; // somebody typed on meanwhile
      out.replaceChildren(...told.numbers.map((number) => {
        const span = document.createElement("span");
        span.textContent = number;
        if (!told.ok) span.className = "wrong-text";
        return span;
      }));
    } catch {
      // The line was away for a moment: the next key asks again.
    }
  }
}
