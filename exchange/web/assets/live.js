"use strict";
// Keeps the board true without reloading: each message carries one card, which replaces the one with its id.
(() => {
  // On a phone the first fold stays open and the others wait for a tap; what was tapped survives a refresh.
  const narrow = window.matchMedia("(max-width: 61.99rem)");
  const tapped = new Map();
  const fold = () => {
    if (!narrow.matches) return;
    [...document.querySelectorAll("[data-fold]")].forEach((part, rank) => {
      part.open = tapped.has(part.dataset.fold) ? tapped.get(part.dataset.fold) : rank === 0;
    });
  };
  document.addEventListener("click", (event) => {
    const summary = event.target.closest("[data-fold] > summary");
    if (summary) tapped.set(summary.parentElement.dataset.fold, !summary.parentElement.open);
  });
  document.addEventListener("htmx:afterSettle", fold);
  fold();
  // How long ago a word was given, told again each minute: a page left open must not make it younger.
  const age = () => {
    for (const told of document.querySelectorAll("[data-age]")) {
      const minutes = Math.floor((Date.now() - Date.parse(told.dateTime)) / 60000);
      told.textContent = minutes < 1 ? "à l'instant" : minutes < 60 ? `il y a ${minutes}\u00a0min`
        : minutes < 2880 ? `il y a ${Math.floor(minutes / 60)}\u00a0h` : `il y a ${Math.floor(minutes / 1440)}\u00a0jours`;
    }
  };
  setInterval(age, 60000);
  // A hold counts down by the server's clock: the page says what time it was there when it was drawn, and only elapsed
  // time is added, so that a phone set wrong shows the same minutes. Over, the page asks what became of it.
  const drawn = new WeakMap();
  const spell = (minutes) => {
    const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60), rest = minutes % 60;
    if (days) return hours ? `${days} j ${hours} h` : `${days} j`;
    if (!hours) return `${rest} min`;
    return rest ? `${hours} h ${String(rest).padStart(2, "0")}` : `${hours} h`;
  };
  const count = () => {
    for (const timer of document.querySelectorAll("[data-until]")) {
      if (!drawn.has(timer)) drawn.set(timer, performance.now());
      const elapsed = performance.now() - drawn.get(timer);
      const left = Date.parse(timer.dataset.until) - Date.parse(timer.dataset.now) - elapsed;
      const told = left > 0 ? "encore " + spell(Math.max(1, Math.ceil(left / 60000))) : "délai passé";
      if (timer.textContent !== told) timer.textContent = told;
      if (left <= 0 && !timer.dataset.over) {
        timer.dataset.over = "yes";
        // The clock that ends a hold is the worker's: a moment later the server tells what follows.
        setTimeout(() => document.dispatchEvent(new Event("entraide:over")), 2000);
      }
    }
  };
  count();
  setInterval(count, 1000);
  document.addEventListener("htmx:afterSettle", count);
  const board = document.querySelector("[data-live]");
  if (!board || !window.EventSource) return;
  const status = document.getElementById("direct");
  const say = (text) => { if (status && status.textContent !== text) status.textContent = text; };
  const element = (html) => {
    const holder = document.createElement("template");
    holder.innerHTML = html.trim();
    return holder.content.firstElementChild;
  };
  const wants = (list, card) => !list.dataset.wants || (card.dataset.flags || "").split(" ").includes(list.dataset.wants);
  const place = (card) => {
    const old = document.getElementById(card.id);
    const list = document.querySelector(
      `[data-cards="${card.dataset.kind}"][data-area="${card.dataset.area}"]`);
    if (old) old.remove();
    if (!list || !wants(list, card)) return;
    const next = [...list.children].find((other) => (other.dataset.order || "") > card.dataset.order);
    list.insertBefore(card, next || null);
    if (window.htmx) window.htmx.process(card);
  };
  // Under somebody's hands nothing moves: the page says that there is news, and they take it when they are ready.
  const tellNews = () => {
    const notices = document.getElementById("avis");
    if (!notices || notices.querySelector("[data-news]")) return;
    notices.append(element(
      '<p class="notice" role="status" data-news>Du nouveau est arrivé. <a href="">Actualiser cette page</a></p>'));
  };
  const refresh = () => {
    for (const part of document.querySelectorAll("[data-refresh]")) {
      if (!part.contains(document.activeElement) || document.activeElement === document.body) {
        window.htmx.ajax("GET", location.href, { target: "#" + part.id, select: "#" + part.id, swap: "outerHTML" });
        document.querySelector("[data-news]")?.remove();
      } else { tellNews(); }
    }
  };
  // What somebody has begun to write outlives a reload asked for: it waits until that is sent or taken back.
  const isWritten = (field) => field.options
    ? !(field.querySelector("[selected]") || field.options[0]).selected
    : field.value !== field.defaultValue || field.checked !== field.defaultChecked;
  let isOutOfDate = false;
  const reload = () => {
    if (isOutOfDate && ![...document.querySelectorAll("input, select, textarea")].some(isWritten)) location.reload();
  };
  document.addEventListener("focusout", reload);
  const source = new EventSource("/flux?depuis=" + encodeURIComponent(board.dataset.live));
  source.addEventListener("open", () => say("En direct"));
  source.addEventListener("error", () => say("Connexion perdue, nouvel essai…"));
  source.addEventListener("card", (event) => place(element(JSON.parse(event.data).html)));
  source.addEventListener("counts", (event) => {
    const fresh = element(JSON.parse(event.data).html);
    const old = document.getElementById(fresh.id);
    if (old) old.replaceWith(fresh);
  });
  source.addEventListener("gone", (event) => {
    const old = document.getElementById("fiche-" + JSON.parse(event.data).id);
    if (old) old.remove();
  });
  source.addEventListener("crisis", (event) => {
    document.getElementById("bandeau")?.remove();
    const html = JSON.parse(event.data).html;
    if (html) document.getElementById("contenu").before(element(html));
  });
  source.addEventListener("yours", refresh);
  document.addEventListener("entraide:over", refresh);
  source.addEventListener("reload", () => { isOutOfDate = true; reload(); });
  window.addEventListener("pagehide", () => source.close());
})();
