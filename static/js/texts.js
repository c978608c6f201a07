// The editor of texts: the preview follows while typing, a click on a placeholder writes it. All of it also works without.
"use strict";

const editor = document.querySelector("form[data-wording]");
if (editor) enliven(editor);
for (const frame of document.querySelectorAll(".letter iframe")) {
  if (arrived(frame)) fit(frame);
  frame.addEventListener("load", () => fit(frame));
}

// Until its own page is there, a frame holds an empty one that counts as complete and stands under this page's policy,
// which allows no letter its style; what is written there is also gone as soon as the own page comes.
function arrived(frame) {
  const page = frame.contentDocument;
  return page?.readyState === "complete" && page.URL !== "about:blank";
}

// As high as the letter, as far as that is reasonable.
function fit(frame) {
  const high = frame.contentDocument?.documentElement?.scrollHeight;
  if (high) frame.style.height = `${Math.min(Math.max(high, 120) + 4, 900)}px`;
}

function enliven(form) {
  const frame = form.querySelector("iframe[name=preview]");
  let waiting;
  let latest = 0;
  let typing = form.elements.body;

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 250);
  });
  form.querySelector("[data-look]").addEventListener("click", (event) => {
    event.preventDefault();
    look();
  });
  // A file in a new window is no saving: the form may be sent again.
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget) setTimeout(() => delete form.dataset.sent);
  });
  for (const field of [form.elements.subject, form.elements.body]) {
    field?.addEventListener("focus", () => { typing = field; });
  }
  for (const button of form.querySelectorAll("[data-insert]")) {
    button.addEventListener("click", () => {
      typing.focus();
      typing.setRangeText(button.dataset.insert, typing.selectionStart, typing.selectionEnd, "end");
      typing.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
  if (form.elements.body.value.trim()) look(); // an empty page has nothing to complain about

  async function look() {
    const mine = ++latest;
    let answer;
    try {
      const headers = { Accept: "application/json" };
      answer = await (await fetch(form.dataset.wording, { method: "POST", body: new FormData(form), headers })).json();
    } catch {
      answer = { refused: form.dataset.lost };
    }
    if (mine === latest) show(answer);
  }

  function show(answer) {
    form.querySelector("[data-refused]").textContent = answer.refused ?? "";
    if (answer.refused) return;
    const subject = form.querySelector("[data-subject]");
    if (subject) [subject.textContent, subject.hidden] = [answer.subject, false];
    const text = form.querySelector("[data-text]");
    if (text) [text.querySelector("pre").textContent, text.hidden] = [answer.text, false];
    if (arrived(frame)) fill(answer.html);
    else frame.addEventListener("load", () => fill(answer.html), { once: true });
  }

  // The frame has a policy of its own: what the letter may do is decided there, and it may do nothing.
  function fill(html) {
    frame.style.height = "";
    frame.contentDocument.documentElement.innerHTML = html;
    fit(frame);
  }
}
