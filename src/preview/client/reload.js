// Keeps a page of the preview up to date. `pressrun serve` adds it; a build never contains it.
(() => {
  "use strict";
  const shown = document.currentScript.dataset;
  const here = location.pathname;
  const place = "pressrun-scroll";
  let stream, theme = (shown.theme || "").split(" "), styles = shown.styles;

  // --- The stream of messages from the preview.

  function connect() {
    if (stream || document.hidden) return;
    const tab = new URLSearchParams({ page: here, version: shown.version, styles: styles || "" });
    if (shown.source) tab.set("source", shown.source);
    stream = new EventSource("/_pressrun/events?" + tab);
    stream.onmessage = (event) => act(JSON.parse(event.data));
    // The browser reconnects by itself, unless it got an answer that is not a stream.
    stream.onerror = () => {
      if (stream && stream.readyState === EventSource.CLOSED) {
        disconnect();
        setTimeout(connect, 1000);
      }
    };
  }

  function disconnect() {
    if (stream) stream.close();
    stream = undefined;
  }

  // Browsers open at most six connections to a server, so hidden tabs close theirs. When a tab is
  // visible again, it reports what it shows and learns what it missed.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);

  function act(message) {
    if (message.goto) {
      leave();
      location.replace(message.goto + location.search + location.hash);
    } else if (message.reload) {
      leave();
      location.reload();
    } else {
      if (message.styles) swap(message.styles);
      overlay(message.problems);
    }
    document.documentElement.dataset.pressrunSite = message.site;
  }

  // --- The scroll position, kept while the page reloads.

  function leave() {
    disconnect();
    try {
      sessionStorage.setItem(place, JSON.stringify([scrollX, scrollY]));
    } catch { /* storage is forbidden */ }
  }

  function back() {
    try {
      const [x, y] = JSON.parse(sessionStorage.getItem(place));
      sessionStorage.removeItem(place);
      scrollTo({ left: x, top: y, behavior: "instant" });
    } catch { /* nothing was stored */ }
  }

  // --- Style sheets: the new one is loaded before the old one is removed.

  function swap(message) {
    for (const link of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const url = new URL(link.href, location.href);
      if (url.origin !== location.origin) continue;
      const next = link.cloneNode();
      const nth = theme.indexOf(url.pathname);
      if (nth >= 0) {
        next.href = message.theme[nth];
      } else {
        url.searchParams.set("pressrun", message.version);
        next.href = url;
      }
      next.onload = next.onerror = () => link.remove();
      link.after(next);
    }
    theme = message.theme;
    styles = message.version;
  }

  // --- Errors, shown over the page. They are in a shadow tree, so that the page's styles do not
  // affect them, and have no inline styles, which the policy of the page forbids.

  const look = `
    :host { all: initial }
    section { position: fixed; inset: auto 0 0 0; z-index: 2147483647; max-height: 70vh; overflow: auto;
      padding: 14px 18px; border-top: 4px solid #e5484d; background: #16181c; color: #eceef0;
      font: 14px/1.5 system-ui, sans-serif; box-shadow: 0 -8px 32px #0008 }
    p { margin: 0 0 8px; color: #ff9592; font-weight: 600 }
    pre { margin: 0 0 12px; font: 13px/1.5 ui-monospace, monospace; white-space: pre; overflow-x: auto }
    button { float: right; padding: 2px 10px; border: 1px solid #555; border-radius: 4px;
      background: none; color: inherit; font: inherit; cursor: pointer }
    output { position: fixed; inset: auto 12px 12px auto; z-index: 2147483646; padding: 3px 10px;
      border-radius: 4px; background: #7a5200; color: #fff; font: 600 13px/1.5 system-ui, sans-serif }`;

  function layer(id) {
    document.getElementById(id)?.remove();
    const host = document.createElement("div");
    host.id = id;
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(look);
    root.adoptedStyleSheets = [sheet];
    document.body.append(host);
    return root;
  }

  function add(parent, name, text) {
    const element = document.createElement(name);
    element.textContent = text;
    parent.append(element);
    return element;
  }

  let last = "";

  function overlay(problems) {
    // Pages of the preview itself already show the errors.
    const wrong = document.querySelector('meta[name="pressrun-own"]') ? [] : problems;
    const text = wrong.join("\n");
    if (text === last) return;
    last = text;
    document.getElementById("_pressrun-problems")?.remove();
    if (!wrong.length) return;
    const section = add(layer("_pressrun-problems"), "section", "");
    section.setAttribute("role", "alert");
    const close = add(section, "button", shown.hide);
    close.onclick = () => document.getElementById("_pressrun-problems")?.remove();
    add(section, "p", shown.lastGood);
    for (const problem of wrong) add(section, "pre", problem);
  }

  // --- In a frame of the review desk, whose keys scroll the page, and to which Escape leads back.
  // Nothing that a page says to the desk decides anything there.

  if (parent !== window) {
    addEventListener("message", (event) => {
      const share = event.source === parent ? Number(event.data?.pressrunScroll) : 0;
      if (share) scrollBy({ top: innerHeight * share });
    });
    addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented) parent.focus();
    });
  }

  if (shown.mark) add(layer("_pressrun-mark"), "output", shown.mark);
  back();
  connect();
})();
