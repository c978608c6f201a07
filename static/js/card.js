// Comfort only: on a narrow screen the row of tabs begins where one is, and fades out where there is more of it.
"use strict";

const bar = document.querySelector(".tabs");
if (bar) {
  const here = bar.querySelector("[aria-current]");
  if (here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
  bar.addEventListener("scroll", fade, { passive: true });
  new ResizeObserver(fade).observe(bar);
}

function fade() {
  const rest = bar.scrollWidth - bar.clientWidth - bar.scrollLeft;
  bar.classList.toggle("before", bar.scrollLeft > 4);
  bar.classList.toggle("after", rest > 4);
}
