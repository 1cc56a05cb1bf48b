// Keeps a page of the preview up to date. Served by `pressrun serve`, never part of a build.
(() => {
  "use strict";
  const shown = document.currentScript.dataset;
  const here = location.pathname;
  const place = "pressrun-scroll";
  let stream, style = shown.theme, styles = shown.styles;

  // --- The stream that tells what to do.

  function connect() {
    if (stream || document.hidden) return;
    const tab = new URLSearchParams({ page: here, version: shown.version, styles: styles || "" });
    if (shown.source) tab.set("source", shown.source);
    stream = new EventSource("/_pressrun/events?" + tab);
    stream.onmessage = (event) => act(JSON.parse(event.data));
    // An answer that is no stream ends it for good; any other break is mended by the browser.
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

  // Browsers open six connections to a server, no more: a tab that nobody sees needs none. When
  // it is looked at again it says what it shows, and is told what it missed.
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

  // --- The place on the page, for the time between leaving it and its being there again.

  function leave() {
    disconnect();
    try {
      sessionStorage.setItem(place, JSON.stringify([scrollX, scrollY]));
    } catch { /* a browser that keeps nothing */ }
  }

  function back() {
    try {
      const [x, y] = JSON.parse(sessionStorage.getItem(place));
      sessionStorage.removeItem(place);
      scrollTo({ left: x, top: y, behavior: "instant" });
    } catch { /* it came from elsewhere */ }
  }

  // --- Style sheets: the new one is there before the old one goes.

  function swap(message) {
    for (const link of document.querySelectorAll('link[rel~="stylesheet"]')) {
      const url = new URL(link.href, location.href);
      if (url.origin !== location.origin) continue;
      const next = link.cloneNode();
      if (url.pathname === style) {
        next.href = message.theme;
      } else {
        url.searchParams.set("pressrun", message.version);
        next.href = url;
      }
      next.onload = next.onerror = () => link.remove();
      link.after(next);
    }
    style = message.theme;
    styles = message.version;
  }

  // --- What is wrong, over the page. In a tree of its own, so that the page's styles do not
  // reach it; drawn without inline styles, which the policy of the page forbids.

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
    // A page of the preview itself says what is wrong.
    const wrong = document.querySelector('meta[name="pressrun-own"]') ? [] : problems;
    const text = wrong.join("\n");
    if (text === last) return;
    last = text;
    document.getElementById("_pressrun-problems")?.remove();
    if (!wrong.length) return;
    const section = add(layer("_pressrun-problems"), "section", "");
    section.setAttribute("role", "alert");
    const close = add(section, "button", "Hide");
    close.onclick = () => document.getElementById("_pressrun-problems")?.remove();
    add(section, "p", "This is the last good version.");
    for (const problem of wrong) add(section, "pre", problem);
  }

  if (shown.mark) add(layer("_pressrun-mark"), "output", shown.mark);
  back();
  connect();
})();
