// Comfort only: on a narrow screen the row of tabs begins where one is.
"use strict";

const bar = document.querySelector(".tabs");
const here = bar && bar.querySelector("[aria-current]");
if (here) bar.scrollLeft = here.offsetLeft - bar.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
