// A group above the tiles opens all of its tiles at once, or closes them when they are open. Without this script the
// group is a link that does the same.
"use strict";
for (const panel of document.querySelectorAll(".trail")) {
  const chips = [...panel.querySelectorAll("a[data-group]")];
  const tiles = [...panel.querySelectorAll("[data-tiles] > li")];

  for (const chip of chips) {
    chip.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
      event.preventDefault();
      toggle(chip);
    });
    chip.addEventListener("keydown", (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      toggle(chip);
    });
  }
  panel.addEventListener("toggle", show, true);

  function of(chip) {
    const group = chip.dataset.group;
    return tiles.filter((tile) => group === "all" || tile.dataset.group === group).map((tile) => tile.querySelector("details"));
  }

  function toggle(chip) {
    const own = of(chip);
    const open = !own.every((tile) => tile.open);
    for (const tile of own) tile.open = open;
    show();
  }

  // A group counts as open while each of its tiles is.
  function show() {
    for (const chip of chips) chip.setAttribute("aria-pressed", of(chip).every((tile) => tile.open) ? "true" : "false");
  }
}
