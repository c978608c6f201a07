// Lists: how many rows are ticked, all of a page at once, and how far ordered files are. Comfort only.
"use strict";
(() => {
  const bar = document.querySelector(".many");
  const boxes = [...document.querySelectorAll("td.pick input")];
  const all = document.querySelector("th.pick input");
  if (bar && all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      show();
    });
    for (const box of boxes) box.addEventListener("change", show);
    window.addEventListener("pageshow", show);
    show();
  }

  function show() {
    const ticked = boxes.filter((box) => box.checked).length;
    bar.hidden = !ticked;
    bar.querySelector("[data-count]").textContent = ticked;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }

  const orders = document.querySelector("[data-exports]");
  if (orders) watch();

  async function watch() {
    try {
      const answer = await fetch(orders.dataset.exports, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(answer.status);
      const found = await answer.json();
      if (!found.working) return location.reload();
      for (const each of found.exports) {
        const row = document.querySelector(`tr[data-id="${each.id}"]`);
        if (!row) continue;
        row.querySelector(".col-rows_done").textContent = each.rows;
        row.querySelector(".col-state").innerHTML = each.badge; // made by the server, escaped there
      }
    } catch {
      // The line was away for a moment: look again.
    }
    setTimeout(watch, 1500);
  }
})();
