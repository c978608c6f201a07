// Comfort only: every page works without it.
"use strict";

// A choice above a list takes effect at once.
for (const choice of document.querySelectorAll("select[data-submit]")) {
  choice.addEventListener("change", () => choice.form.requestSubmit());
}

// Was something typed or chosen before a script was there to see it: on a slow line, or on a page from the history?
function touched(form) {
  return [...form.querySelectorAll("input, textarea, select")].some((field) => {
    if (field.multiple && field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected);
    if (field.options) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
    return field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  });
}

// A form is sent once, however often its button is pressed; a page that comes back from the history starts anew.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post" || "again" in event.target.dataset) return; // a download leaves the page open
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// An open menu closes with a click beside it and with Escape; not while a dialog asks, which gives the focus back to it.
document.addEventListener("click", (event) => closeMenus((menu) => !menu.contains(event.target)));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(() => true);
});

function closeMenus(which) {
  if (document.querySelector("dialog[open]")) return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!which(menu)) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

// The progress of a run; the page is loaded anew when it is done.
const running = document.querySelector("[data-progress]");
if (running) watch(running);

async function watch(panel) {
  try {
    const answer = await fetch(panel.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
    const run = await answer.json();
    if (run.state === "finished") return location.reload();
    panel.querySelector("progress").value = run.per_cent;
    for (const count of panel.querySelectorAll("[data-count]")) count.textContent = run[count.dataset.count];
  } catch {
    // The line was away for a moment: look again.
  }
  setTimeout(() => watch(panel), 1000);
}
