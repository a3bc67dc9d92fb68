// The editor of standards: from what is wrong to the line where it stands; and no draft is left without a question.
(() => {
  "use strict";

  document.addEventListener("click", (event) => {
    const jump = event.target.closest("[data-line]");
    const text = document.getElementById("text");
    if (!jump || !text) return;
    const lines = text.value.split("\n");
    const at = Math.min(Number(jump.dataset.line), lines.length) - 1;
    const start = lines.slice(0, at).reduce((length, line) => length + line.length + 1, 0);
    text.focus();
    text.setSelectionRange(start, start + lines[at].length);
    const height = text.scrollHeight / Math.max(1, lines.length);
    text.scrollTop = Math.max(0, (at - 3) * height);
  });

  let sent = false;
  document.addEventListener("submit", () => { sent = true; });
  window.addEventListener("beforeunload", (event) => {
    const text = document.getElementById("text");
    if (!sent && text && text.value !== text.defaultValue) event.preventDefault();
  });
})();
