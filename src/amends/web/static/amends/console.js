// The console's keys, palette and lists. Everything here has a way without it: links, forms and pages of their own.
(() => {
  "use strict";

  const wide = window.matchMedia("(min-width: 72.01rem)");
  const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
  const shown = (element) => element.offsetParent !== null && !element.closest("[hidden]");

  // -- dialogs ----------------------------------------------------------------------------------------------------

  const palette = document.getElementById("palette");
  const keys = document.getElementById("keys");

  function openPalette(text = "") {
    if (!palette || palette.open) return;
    document.querySelectorAll("details.who[open]").forEach((menu) => menu.removeAttribute("open"));
    palette.showModal();
    const field = palette.querySelector("input[type=search]");
    field.value = text;
    field.focus();
    htmx.trigger(field, "amends:open");
  }

  const wording = (element) => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("kbd, svg, .unseen").forEach((part) => part.remove());
    return (element.getAttribute("aria-label") || copy.textContent).replace(/\s+/g, " ").trim();
  };

  // the acts of a page: what its panel can fold open and press, but nothing of what is still folded in
  const acts = () =>
    [...document.querySelectorAll(".now summary, .now button:not([type=button]), [data-key]")]
      .filter((element) => shown(element) && !element.closest("details > :not(summary), dialog"))
      .filter((element, place, all) => all.indexOf(element) === place)
      .map((element) => ({ element, words: wording(element), key: element.dataset.key ?? "" }))
      .filter(({ words }) => words);

  function pressed(element) {
    const details = element.matches("summary") ? element.parentElement : null;
    if (!details?.open) element.click();
    if (!details) return;
    element.scrollIntoView({ block: "nearest" });
    (details.querySelector("input:not([type=hidden]), textarea, select") ?? element).focus();
  }

  // every page has its own keys: those of its buttons, in their own words
  function openKeys() {
    if (!keys || keys.open) return;
    const here = keys.querySelector("[data-keys-here]");
    const rows = acts().filter(({ key }) => key);
    here.hidden = rows.length === 0;
    keys.querySelector("[data-keys-cases]").hidden = rows.length > 0 && document.querySelector("aside#now") !== null;
    here.querySelector("dl").replaceChildren(
      ...rows.flatMap(({ words, key }) => {
        const term = document.createElement("dt");
        const shown = document.createElement("kbd");
        shown.textContent = key.toUpperCase();
        term.append(shown);
        const meaning = document.createElement("dd");
        meaning.textContent = words;
        return [term, meaning];
      }),
    );
    keys.showModal();
  }

  // a field with a list of options below it: arrows choose, Enter goes there, Ctrl Enter goes on to a complaint
  function combobox(field, list, { offered = () => {}, follow = (hit) => window.location.assign(hit.href) } = {}) {
    const hits = () => [...list.querySelectorAll("[role=option]")];

    const choose = (hit) => {
      for (const other of hits()) other.setAttribute("aria-selected", String(other === hit));
      if (hit) {
        field.setAttribute("aria-activedescendant", hit.id);
        hit.scrollIntoView({ block: "nearest" });
      } else {
        field.removeAttribute("aria-activedescendant");
      }
    };

    const go = (hit, onward) => {
      if (onward && hit.dataset.complaint) window.location.assign(hit.dataset.complaint);
      else follow(hit);
    };

    // whoever types faster than the list comes gets what they typed, never the first of what the list still shows
    let answered = field.value;
    let awaited = null;
    field.addEventListener("htmx:beforeRequest", ({ detail }) => (detail.xhr.asked = field.value));
    field.addEventListener("input", () => (awaited = null));
    list.addEventListener("htmx:afterSwap", ({ detail }) => {
      answered = detail.xhr.asked;
      offered(field.value);
      choose(hits()[0]);
      if (awaited && answered === field.value && hits().length) go(hits()[0], awaited.onward);
      awaited = null;
    });
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return; // keys that choose among Chinese characters are not for the list
      const all = hits();
      const at = all.findIndex((hit) => hit.getAttribute("aria-selected") === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (all.length) choose(all[(at + step + all.length) % all.length]);
      } else if (event.key === "Enter" && answered !== field.value && !awaited) {
        event.preventDefault();
        awaited = { onward: event.ctrlKey || event.metaKey };
      } else if (event.key === "Enter" && answered === field.value && at >= 0) {
        event.preventDefault();
        go(all[at], event.ctrlKey || event.metaKey);
      }
    });
    list.addEventListener("click", (event) => {
      const hit = event.target.closest("[role=option]");
      if (!hit?.presses) return;
      event.preventDefault();
      follow(hit);
    });
    if (hits().length) choose(hits()[0]);
  }

  document.querySelectorAll("[data-combobox]").forEach((field) => {
    combobox(field, document.getElementById(field.dataset.combobox));
    const stranger = document.querySelector("a[data-new-complaint]");
    field.addEventListener("input", () => {
      // what was typed goes along to the form of a customer whom nobody knows yet
      if (stranger) stranger.search = field.value ? `?${new URLSearchParams({ q: field.value })}` : "";
    });
  });

  if (palette) {
    const found = palette.querySelector("#found");

    // what can be done on this page: the buttons of its panel, under their own words
    const offerActs = (wanted) => {
      const fitting = acts().filter(({ words }) => words.toLowerCase().includes(wanted.trim().toLowerCase()));
      found.querySelector("[data-acts-here]")?.remove();
      if (!fitting.length) return;
      const group = document.createElement("div");
      group.dataset.actsHere = "";
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", found.dataset.actsTitle);
      const title = document.createElement("h3");
      title.setAttribute("aria-hidden", "true");
      title.textContent = found.dataset.actsTitle;
      group.append(title);
      fitting.forEach(({ words, key, element }, place) => {
        const hit = document.createElement("a");
        hit.id = `act-here-${place}`;
        hit.href = "#page";
        hit.setAttribute("role", "option");
        hit.setAttribute("aria-selected", "false");
        hit.presses = element;
        const text = document.createElement("span");
        text.textContent = words;
        const end = document.createElement("kbd");
        end.className = "end";
        end.textContent = key.toUpperCase();
        hit.append(text, ...(key ? [end] : []));
        group.append(hit);
      });
      found.querySelector(".none")?.remove();
      found.prepend(group);
    };

    const follow = (hit) => {
      if (!hit.presses) {
        window.location.assign(hit.href);
        return;
      }
      palette.close();
      pressed(hit.presses);
    };

    combobox(palette.querySelector("input[type=search]"), found, { offered: offerActs, follow });
    palette.addEventListener("click", (event) => {
      if (event.target === palette) palette.close();
    });
  }

  document.querySelectorAll("[data-palette]").forEach((field) => {
    field.addEventListener("focus", () => {
      field.blur();
      openPalette(field.value);
    });
  });
  document.querySelectorAll("[data-opens=keys]").forEach((button) => {
    button.addEventListener("click", () => {
      button.closest("details")?.removeAttribute("open");
      openKeys();
    });
  });
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.who[open]")) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    }
  });

  // -- lists: arrows move, Enter opens, the chosen row is shown beside -----------------------------------------------

  const rows = () => [...document.querySelectorAll("[data-rows] [data-row]")];
  const opener = (row) => row.querySelector("a[data-open]");
  let soon = 0;

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const chosen = at < 0 ? all.find((row) => row.getAttribute("aria-selected") === "true") : null;
    const next = chosen ? all.indexOf(chosen) + step : at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
    const row = all[Math.max(0, Math.min(all.length - 1, next))];
    const link = opener(row);
    link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
    if (link.hasAttribute("hx-get") && wide.matches && document.querySelector("#beside [data-key=o]")) {
      window.clearTimeout(soon);
      soon = window.setTimeout(() => htmx.trigger(link, "click"), 140);
    }
  }

  document.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row || event.target.closest("a, button, input, select, label, summary")) return;
    if (window.getSelection()?.toString()) return;
    const link = opener(row);
    link.focus({ preventScroll: true });
    link.click();
  });

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    const link = event.detail.elt;
    if (link.matches("a[data-open]") && !wide.matches) {
      event.preventDefault();
      window.location.assign(link.href);
    }
  });

  document.body.addEventListener("htmx:beforeSend", (event) => {
    const link = event.detail.elt;
    if (!link.matches("a[data-open]")) return;
    for (const row of rows()) row.removeAttribute("aria-selected");
    link.closest("[data-row]").setAttribute("aria-selected", "true");
  });

  document.body.addEventListener("htmx:responseError", (event) => {
    // a session that ended, or a case that moved out of reach: the page itself says so in words
    if (event.detail.target.id === "beside") window.location.reload();
  });

  // -- what a page loads once a reader gets so far: bones until it is there, a way to try again if it does not come --------

  function failed(part, yes) {
    part.querySelector(".bones").hidden = yes;
    part.querySelector("[role=alert] > *").hidden = !yes;
  }

  document.body.addEventListener("htmx:beforeSend", (event) => {
    const part = event.target.closest("[data-later]");
    if (part) failed(part, false);
  });
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target.closest("[data-later]");
    if (!part || new URL(event.detail.xhr.responseURL).pathname === part.getAttribute("hx-get")) return;
    event.detail.shouldSwap = false; // a session that ended leads to the sign-in page
    failed(part, true);
    window.location.reload();
  });
  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
    document.body.addEventListener(name, (event) => {
      const part = event.target.closest("[data-later]");
      if (part) failed(part, true);
    });
  }

  // -- keys -----------------------------------------------------------------------------------------------------------

  function press(key) {
    const wanted = `[data-key="${CSS.escape(key)}"]`;
    const row = document.activeElement.closest("[data-row]");
    const button = [...(row?.querySelectorAll(wanted) ?? []), ...document.querySelectorAll(wanted)].find(shown);
    if (!button) return false;
    pressed(button);
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      document.querySelectorAll("details.who[open]").forEach((menu) => menu.removeAttribute("open"));
      if (typing(document.activeElement)) document.activeElement.blur();
      return;
    }
    if (typing(event.target)) return;
    if (event.key === "/") {
      event.preventDefault();
      openPalette();
    } else if (event.key === "?") {
      openKeys();
    } else if (event.key === "l" && document.body.dataset.lookUp) {
      window.location.assign(document.body.dataset.lookUp);
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && rows().length && !event.shiftKey) {
      if (event.target.closest(".now, details[open]")) return;
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (/^[a-z]$/.test(event.key) && press(event.key)) {
      event.preventDefault();
    }
  });

  // -- one keystroke sends a form that says so, from wherever in it one is

  document.querySelectorAll("form[data-quick]").forEach((form) => {
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      form.requestSubmit();
    });
  });

  // -- what somebody typed stays when the fields around it are asked for anew (a complaint whose subject is changed late)

  const facts = document.getElementById("facts");
  if (facts) {
    const changed = (field) =>
      field.matches("select")
        ? [...field.options].some((option) => option.selected && !option.defaultSelected && option.index > 0)
        : field.type === "radio"
          ? field.checked && !field.defaultChecked
          : field.value !== field.defaultValue;
    let typed = [];
    facts.addEventListener("htmx:beforeSwap", () => {
      typed = [...facts.querySelectorAll("input, select")].filter(changed);
    });
    facts.addEventListener("htmx:afterSwap", () => {
      for (const { name, type, value } of typed) {
        const same = [...facts.querySelectorAll("input, select")].filter((field) => field.name === name);
        if (type === "radio") same.filter((field) => field.value === value).forEach((field) => (field.checked = true));
        else same.forEach((field) => (field.value = value));
      }
    });
  }

  // what is sent needs no draft any more: one still on its way is not to come back after it

  document.addEventListener("submit", (event) => {
    const draft = event.target.matches("form[data-draft]") && event.target.querySelector(".draft");
    if (draft) htmx.trigger(draft, "htmx:abort");
  });

  // on a phone the places of a wing scroll sideways: the one that one is at comes into sight
  const places = document.querySelector(".places");
  const here = places?.querySelector("[aria-current]");
  if (here) places.scrollLeft = here.offsetLeft - (places.clientWidth - here.offsetWidth) / 2;

  // -- small things --------------------------------------------------------------------------------------------------------

  document.querySelectorAll("form[data-submits]").forEach((form) => {
    form.addEventListener("change", (event) => {
      if (event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
    });
  });

  document.querySelectorAll("[data-back]").forEach((button) => {
    if (window.history.length > 1) button.hidden = false;
    button.addEventListener("click", () => window.history.back());
  });
})();
