// Help while writing: colleagues named with an @, and a draft that is not kept once more after it was sent.
(() => {
  "use strict";

  // -- names: the text before the caret from the last @ on is looked up; arrows choose, Enter or Tab puts the name in ----

  function named(field) {
    const list = document.getElementById(field.getAttribute("aria-controls"));
    const options = () => [...list.querySelectorAll("[role=option]")];
    let asked = 0;
    let soon = 0;

    const call = () => field.value.slice(0, field.selectionStart).match(/(?:^|[^\w.])[@＠]([^\s@＠]{0,40}(?: [^\s@＠]{1,40})?)$/);
    const close = () => {
      asked += 1;
      list.hidden = true;
      list.replaceChildren();
      field.removeAttribute("aria-activedescendant");
    };
    const choose = (option) => {
      for (const other of options()) other.setAttribute("aria-selected", String(other === option));
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    };
    const take = (option) => {
      const found = call();
      if (found) {
        const start = field.selectionStart - found[1].length;
        field.setRangeText(`${option.dataset.call} `, start, field.selectionStart, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      close();
      field.focus();
    };
    const look = async () => {
      const found = call();
      if (!found) return close();
      const mine = ++asked;
      const answer = await fetch(`${field.dataset.names}?q=${encodeURIComponent(found[1])}`, { credentials: "same-origin" });
      const text = answer.ok && !answer.redirected ? await answer.text() : "";
      if (mine !== asked) return;
      list.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.children);
      list.hidden = options().length === 0;
      if (!list.hidden) choose(options()[0]);
      else field.removeAttribute("aria-activedescendant");
    };

    field.addEventListener("input", () => {
      window.clearTimeout(soon);
      soon = window.setTimeout(look, 100);
    });
    field.addEventListener("blur", () => window.setTimeout(close, 150));
    field.addEventListener("keydown", (event) => {
      if (list.hidden || event.isComposing) return; // Enter may only have chosen a Chinese character
      const all = options();
      const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
      } else if (event.key === "Enter" || event.key === "Tab") {
        take(all[Math.max(at, 0)]);
      } else if (event.key === "Escape") {
        close();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
    list.addEventListener("mousedown", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      event.preventDefault();
      take(option);
    });
  }

  document.addEventListener("focusin", (event) => {
    const field = event.target.closest?.("textarea[data-names]");
    if (!field || field.dataset.helped) return;
    field.dataset.helped = "yes";
    named(field);
  });

  // -- a letter goes out by its button: Enter in its subject goes on to the words, as in any mail program ----------------

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (!event.target.matches?.("form[data-draft] input:not([type=checkbox], [type=radio])")) return;
    event.preventDefault();
    event.target.form.querySelector("textarea").focus();
  });

  // -- drafts: what was sent is gone; typing that was still on its way does not bring it back -----------------------------

  const unsaved = new Set(); // forms with words that the server has not heard of yet
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    form.dataset.sent = "yes";
    unsaved.delete(form);
  });
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-draft]");
    if (!form) return;
    form.removeAttribute("data-sent");
    unsaved.add(form);
  });
  document.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.elt.matches(".draft")) unsaved.delete(event.detail.elt.closest("form"));
  });
  window.addEventListener("pagehide", () => {
    // the last words before somebody left, typed less than a moment ago
    for (const form of unsaved) {
      const draft = form.querySelector(".draft");
      if (draft) navigator.sendBeacon(draft.getAttribute("hx-post"), new FormData(form));
    }
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches(".draft") && event.detail.elt.closest("form").dataset.sent) event.preventDefault();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    // a canned reply was put in: that, too, is worth keeping
    if (event.detail.target.id?.startsWith("letter-")) {
      event.detail.target.querySelector("textarea")?.dispatchEvent(new Event("input", { bubbles: true }));
      event.detail.target.querySelector("textarea")?.focus();
    }
  });
})();
