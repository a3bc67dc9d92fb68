// The live board between two answers of the server: the time left runs on, a new incident is said, silence is seen.
(() => {
  "use strict";

  const said = document.getElementById("board-said");
  const lost = document.querySelector("#board-lost > p");
  const live = () => document.getElementById("live");
  let ahead = 0; // milliseconds that this machine's clock is ahead of the deployment's present
  const known = new Map(); // incident -> until when it is shown as new
  const NEW_FOR = 60_000; // milliseconds
  let first = true;

  const two = (number) => String(number).padStart(2, "0");

  // under an hour to the second, as 4:09; the server's words stand for whatever is longer
  function run() {
    const board = live();
    if (!board) return;
    for (const time of board.querySelectorAll("time[data-until]")) {
      const seconds = Math.round((Date.parse(time.dateTime) - (Date.now() - ahead)) / 1000);
      const far = Math.abs(seconds);
      if (far >= 3600) continue;
      const span = `${Math.floor(far / 60)}:${two(far % 60)}`;
      time.textContent = (seconds >= 0 ? board.dataset.left : board.dataset.over).replace("{span}", span);
    }
  }

  function arrived() {
    const board = live();
    if (!board) return;
    ahead = Date.now() - Date.parse(board.dataset.now);
    for (const one of board.querySelectorAll("[data-incident]")) {
      const id = one.dataset.incident;
      if (!known.has(id)) {
        known.set(id, first ? 0 : Date.now() + NEW_FOR);
        if (!first) said.textContent = said.dataset.says.replace("{name}", one.dataset.name);
      }
      one.classList.toggle("is-new", known.get(id) > Date.now());
    }
    first = false;
    run();
  }

  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.id === "live" && document.hidden) event.preventDefault(); // nobody is looking
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && live()) htmx.trigger(live(), "amends:now");
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt.id !== "live") return;
    const answered = event.detail.xhr.status > 0 && event.detail.xhr.status < 400;
    lost.hidden = answered;
    if (event.detail.xhr.status === 401 || event.detail.xhr.status === 403) window.location.reload();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "live") arrived();
  });

  arrived();
  window.setInterval(run, 1000);
})();
