// Suggestions for a field that is typed: what the server finds for the words so far. Comfort only.
// A list of its own instead of <datalist>: Enter chooses from it and never sends a half filled form.
"use strict";
(() => {
  for (const field of document.querySelectorAll("input[data-suggest]")) attend(field);

  function attend(field) {
    const list = Object.assign(document.createElement("ul"), { id: field.id + "-choices", className: "suggestions", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", field.labels[0]?.textContent.trim() ?? "");
    field.after(list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) field.setAttribute(name, value);
    let waiting;
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => look(field, list), 200);
    });
    field.addEventListener("keydown", (event) => press(event, field, list));
    field.addEventListener("blur", () => show(field, list, []));
    // Before the field loses the focus, so that the list is still there.
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      choose(field, list, event.target.closest("[role=option]"));
    });
  }

  async function look(field, list) {
    const typed = field.value;
    try {
      const answer = await fetch(field.dataset.suggest + "?" + new URLSearchParams({ q: typed }));
      if (!answer.ok || field.value !== typed || document.activeElement !== field) return;
      show(field, list, (await answer.json()).choices);
    } catch {
      // Without suggestions the number is typed.
    }
  }

  function show(field, list, texts) {
    list.replaceChildren(...texts.map((text, place) => {
      const option = Object.assign(document.createElement("li"), { id: `${list.id}-${place}`, textContent: text });
      option.setAttribute("role", "option");
      return option;
    }));
    list.hidden = !texts.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    mark(field, list, list.firstElementChild);
  }

  function mark(field, list, option) {
    for (const other of list.children) other.setAttribute("aria-selected", String(other === option));
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  function choose(field, list, option) {
    if (!option) return;
    field.value = option.textContent;
    show(field, list, []);
  }

  function press(event, field, list) {
    if (event.isComposing) return;
    const marked = list.querySelector("[aria-selected=true]");
    if (event.key === "Enter") {
      event.preventDefault();
      choose(field, list, marked);
    } else if (event.key === "Escape" && marked) {
      event.preventDefault();
      show(field, list, []);
    } else if (marked && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      const down = event.key === "ArrowDown";
      mark(field, list, (down ? marked.nextElementSibling : marked.previousElementSibling) ?? (down ? list.firstElementChild : list.lastElementChild));
    }
  }
})();
