// Suggestions for a field that is typed: what the server finds for the words so far. Comfort only.
"use strict";
(() => {
  for (const field of document.querySelectorAll("input[data-suggest]")) {
    const list = document.createElement("datalist");
    list.id = field.id + "-choices";
    field.after(list);
    field.setAttribute("list", list.id);
    let waiting;
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => look(field, list), 200);
    });
  }

  async function look(field, list) {
    const typed = field.value;
    try {
      const answer = await fetch(field.dataset.suggest + "?" + new URLSearchParams({ q: typed }));
      if (!answer.ok || field.value !== typed) return;
      const choices = (await answer.json()).choices;
      list.replaceChildren(...choices.map((text) => Object.assign(document.createElement("option"), { value: text })));
    } catch {
      // Without suggestions the number is typed.
    }
  }
})();
