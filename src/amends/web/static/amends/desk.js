// The case desk: rows ticked by key or box, and a page that says while it is open who is here and whether they write.
(() => {
  "use strict";

  const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select") !== null;
  const boxes = () => [...document.querySelectorAll("[data-pick]")];

  function tell() {
    const bar = document.getElementById("bulk");
    if (!bar) return;
    const number = boxes().filter((box) => box.checked).length;
    const every = bar.querySelector("[name=every]")?.checked ?? false;
    bar.classList.toggle("picked", number > 0 || every);
    bar.querySelector("[data-picked]").textContent = number ? String(number) : "";
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    if (event.target.closest("#bulk") || event.target.matches("[data-pick]")) tell();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    const row =
      document.activeElement.closest("[data-row]") ?? document.querySelector("[data-row][aria-selected=true]");
    const box = row?.querySelector("[data-pick]");
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
    tell();
  });

  // what is on a page when it is left by the browser's own way back may be ticked still
  window.addEventListener("pageshow", tell);

  // what comes beside a list can be pressed a moment before htmx listens to it: what was folded open by then is told
  // once more that it was, and loads what it holds only once all the same
  document.body.addEventListener("htmx:afterSettle", () => {
    for (const opened of document.querySelectorAll("details[open][hx-get]")) htmx.trigger(opened, "toggle");
  });

  // what may be folded stays as its reader left it; on a narrow screen all of it is folded at first
  const narrow = window.matchMedia("(max-width: 72rem)");
  for (const part of document.querySelectorAll("details[data-folds]")) {
    const key = `amends-${part.dataset.folds}-open`;
    const left = sessionStorage.getItem(key);
    part.open = left === null ? part.open && !narrow.matches : left === "1";
    part.addEventListener("toggle", () => sessionStorage.setItem(key, part.open ? "1" : "0"));
  }

  const presence = document.getElementById("presence");
  if (presence) {
    const written = () =>
      [...document.querySelectorAll("main textarea, main input:not([type])")].some(
        (field) => field.value !== field.defaultValue,
      );
    document.body.addEventListener("htmx:configRequest", (event) => {
      if (event.detail.elt === presence) event.detail.parameters.set("writing", written() ? "1" : "");
    });
    document.body.addEventListener("htmx:beforeRequest", (event) => {
      if (event.detail.elt === presence && document.hidden) event.preventDefault(); // nobody is looking
    });
  }
})();
