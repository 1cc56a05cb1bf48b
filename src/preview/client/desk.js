// The page of the review desk. It gets the first rows and one post with the page, asks for the rest,
// and sends what a person decides. All texts are set as text, never as HTML.
(() => {
  "use strict";
  const start = JSON.parse(document.getElementById("start").textContent);
  const words = start.words;
  const canWrite = Boolean(start.token);
  const folder = "/_pressrun/review/";
  const nameKey = "pressrun-reviewer";
  const find = (id) => document.getElementById(id);

  let state = "waiting", rows = [], more = false, counts = {};
  // The row that is shown and its post.
  let at = -1, post;
  // Whether a decision is on its way. Until it has arrived, no other is taken.
  let busy = false;
  // The numbers of decisions of this page that can be undone, each with its row.
  const undos = [];
  // Posts that were fetched before they are needed, by their row.
  const ahead = new Map();

  // --- Elements.

  function make(name, attributes, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value === true) element.setAttribute(key, "");
      else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child !== undefined && child !== null));
    return element;
  }

  function say(text, isWrong) {
    // One of the two is always empty, so that nothing is read twice.
    find("status").textContent = isWrong ? "" : text;
    find("alert").textContent = isWrong ? text : "";
  }

  // Shows whether a decision or a post is on its way; nothing is decided meanwhile.
  function showBusy(isBusy = busy) {
    busy = isBusy;
    find("post").setAttribute("aria-busy", String(busy || (at >= 0 && !post)));
  }

  // --- Requests.

  function key(row) {
    return row.file + "\n" + row.line + "\n" + row.hash;
  }

  async function ask(name, values) {
    const answer = await fetch(folder + name + "?" + new URLSearchParams(values), { cache: "no-store" });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }

  const askPost = (row) => ask("post", { file: row.file, line: row.line, hash: row.hash });

  async function send(name, order) {
    const answer = await fetch(folder + name, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Pressrun-Token": start.token },
      body: JSON.stringify(order),
    });
    if (answer.status === 401) {
      // The preview was started again, so this page has an old token.
      location.reload();
      return new Promise(() => {});
    }
    const text = await answer.text();
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(text);
    }
  }

  // --- The queue.

  function showCounts(newer) {
    counts = newer;
    const buttons = ["waiting", "outdated", "rejected", "approved"].map((name) => {
      const button = make("button", { type: "button", "aria-pressed": String(name === state) },
        words[name], " ", make("b", {}, String(counts[name])));
      button.onclick = () => openState(name);
      return button;
    });
    const inside = find("states").contains(document.activeElement);
    find("states").replaceChildren(...buttons);
    if (inside) buttons.find((button) => button.ariaPressed === "true")?.focus();
    const left = counts.waiting + counts.outdated;
    document.title = `(${left}) ` + find("states").getAttribute("aria-label");
  }

  function rowButton(row, index) {
    const button = make("button", { type: "button", "aria-current": index === at ? "true" : undefined },
      make("span", { class: "name", dir: "auto" }, row.title || row.file),
      make("small", {}, describeRow(row),
        row.is_blocked ? make("b", { class: "stop", role: "img", "aria-label": words.blocked, title: words.blocked }, "!") : null));
    if (row.done) button.classList.add("done");
    button.onclick = () => go(index);
    return button;
  }

  function describeRow(row) {
    const parts = [start.risk.replace("{number}", row.risk)];
    if (row.state !== state || row.done) parts.unshift(row.done || words[row.state] || words.draft);
    return parts.join(" · ");
  }

  function showRows() {
    find("rows").replaceChildren(...rows.map((row, index) => make("li", {}, rowButton(row, index))));
    find("more").hidden = !more;
  }

  function updateRow(index) {
    const item = find("rows").children[index];
    if (item) item.replaceChildren(rowButton(rows[index], index));
  }

  async function fetchMore() {
    if (!more) return;
    const last = rows[rows.length - 1];
    const list = await ask("rows", { state, risk: last.risk, file: last.file, line: last.line });
    const known = new Set(rows.map(key));
    const from = rows.length;
    rows.push(...list.rows.filter((row) => !known.has(key(row))));
    more = list.more;
    for (let index = from; index < rows.length; index++) {
      find("rows").append(make("li", {}, rowButton(rows[index], index)));
    }
    find("more").hidden = !more;
    showCounts(list.counts);
  }

  // Fetches the rows that are missing at the end: the next ones, or posts that came meanwhile.
  async function fetchNew() {
    if (more) return fetchMore();
    const list = await ask("rows", { state });
    const known = new Set(rows.map(key));
    for (const row of list.rows.filter((row) => !known.has(key(row)))) {
      rows.push(row);
      find("rows").append(make("li", {}, rowButton(row, rows.length - 1)));
    }
    showCounts(list.counts);
  }

  async function openState(name) {
    try {
      const list = await ask("rows", { state: name });
      state = name;
      takeList(list);
      await go(rows.length ? 0 : -1);
    } catch (error) {
      say(words.offline, true);
    }
  }

  function takeList(list) {
    rows = list.rows;
    more = list.more;
    at = -1;
    ahead.clear();
    showRows();
    showCounts(list.counts);
  }

  // --- Going from post to post.

  async function go(index, quiet) {
    const before = at;
    at = index;
    // Until its post is here, nothing can be decided.
    post = undefined;
    showBusy();
    if (before >= 0) updateRow(before);
    if (index < 0) {
      showPost(undefined);
      return;
    }
    updateRow(index);
    find("rows").children[index]?.scrollIntoView({ block: "nearest" });
    const row = rows[index];
    try {
      const known = ahead.get(key(row));
      ahead.delete(key(row));
      const answer = await (known || askPost(row));
      // Somebody may have gone on meanwhile.
      if (rows[at] !== row) return;
      if (answer.post) takeRow(row, answer.post);
      showPost(answer.post, quiet);
    } catch {
      say(words.offline, true);
      return;
    }
    fetchAhead();
  }

  function takeRow(row, shown) {
    row.file = shown.file;
    row.line = shown.line;
    row.hash = shown.hash;
    row.title = shown.title;
    if (!row.done) row.state = shown.state;
    updateRow(rows.indexOf(row));
  }

  // Fetches the next post and, near the end, the next rows.
  function fetchAhead() {
    if (rows.length - at < 10 && more) fetchMore().catch(() => {});
    const next = rows[nextIndex(1)];
    if (next && !ahead.has(key(next))) {
      const asked = askPost(next);
      asked.catch(() => ahead.delete(key(next)));
      ahead.set(key(next), asked);
    }
  }

  // The next row in a direction that nothing was decided about.
  function nextIndex(step) {
    let index = at + step;
    while (rows[index]?.done) index += step;
    return rows[index] ? index : -1;
  }

  async function step(direction) {
    let index = nextIndex(direction);
    if (index < 0 && direction > 0) {
      await fetchNew().catch(() => {});
      index = nextIndex(direction);
    }
    if (index < 0) say(rows.length ? words.last : words.empty);
    else await go(index);
  }

  // --- One post.

  function showPost(shown, quiet) {
    post = shown;
    showBusy();
    const section = find("post"), facts = find("facts");
    if (!post) {
      section.replaceChildren(make("h2", { id: "title", tabindex: "-1" }, words.empty));
      facts.replaceChildren();
      showActions();
      return;
    }
    // What is replaced loses the focus.
    const isInside = section.contains(document.activeElement) || facts.contains(document.activeElement);
    const title = make("h2", { id: "title", tabindex: "-1", dir: "auto", lang: post.language }, post.title || post.file);
    const meta = [words[post.state] || words.draft, ...post.mark, start.risk.replace("{number}", post.risk), post.date];
    const head = make("div", { id: "head" }, title,
      make("p", { id: "meta" }, ...meta.filter(Boolean).flatMap((text, index) => [index ? " · " : "", make("span", { dir: "auto" }, text)]),
        " · ", make("code", { dir: "ltr" }, post.file + ":" + post.line),
        " · ", make("a", { href: start.site + post.page, target: "_blank", rel: "noopener" }, post.page)),
      post.blocks.length ? make("div", { id: "blocks" }, make("h3", {}, words.blocked), findingList(post.blocks)) : null);
    // A frame that is taken out of the page loads anew. One that shows another text must.
    if (quiet && frame?.isConnected && frame.dataset.hash === post.hash
      && frame.src === new URL(start.site + post.page, location).href) {
      find("head").replaceWith(head);
    } else {
      section.replaceChildren(head, pageFrame());
    }
    // What blocks the approval stands above the page already.
    const blocks = new Set(post.blocks.map((one) => JSON.stringify(one)));
    const others = post.findings.filter((one) => !blocks.has(JSON.stringify(one)));
    facts.replaceChildren(...[
      part("since", words.since, post.since || post.since_note ? make("div", {}, differenceList(post.since || []),
        post.since_note ? make("p", { lang: "en" }, post.since_note) : "") : null),
      part("findings", words.findings, make("div", {},
        post.risks.length ? make("p", { class: "risks", lang: "en" }, post.risks.join(" · ")) : "",
        others.length ? findingList(others) : post.blocks.length ? null : make("p", {}, words.no_findings))),
      part("reading", words.reading, repairs()),
      part("source", words.source, sourceLines()),
    ].filter(Boolean));
    showActions();
    if (!quiet || (isInside && document.activeElement === document.body)) title.focus();
  }

  let frame;

  // The page of the post, which cannot navigate this page.
  function pageFrame() {
    frame = make("iframe", {
      id: "page", title: words.page, src: start.site + post.page, "data-hash": post.hash,
      // Without an address of its own the desk has nothing to protect, but no script of the site should disturb it.
      sandbox: (start.site ? "allow-scripts " : "") + "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    });
    return frame;
  }

  function part(id, title, content) {
    if (!content) return null;
    return make("section", { id, "aria-labelledby": id + "-title" }, make("h3", { id: id + "-title" }, title), content);
  }

  function findingList(list) {
    return make("ul", { class: "findings" }, ...list.map((one) => {
      const place = make("button", { type: "button", class: "place" }, one.place);
      place.onclick = () => showLine(one.line);
      return make("li", { class: one.severity, lang: "en" }, place, " ", make("b", {}, one.code), " ", one.message,
        one.help ? make("small", {}, one.help) : null);
    }));
  }

  function repairs() {
    if (!post.repairs.length && !post.differences.length) return null;
    return make("div", {},
      post.repairs.length ? findingList(post.repairs) : null,
      differenceList(post.differences));
  }

  function differenceList(list) {
    if (!list.length) return null;
    return make("ul", { class: "differences", dir: "auto" }, ...list.map((one) => make("li", {},
      one.around[0] ? `… ${one.around[0]} ` : null,
      one.before ? make("del", {}, one.before) : null, " ", one.after ? make("ins", {}, one.after) : null,
      one.around[1] ? ` ${one.around[1]} …` : null)));
  }

  function sourceLines() {
    // Of several on one line, the gravest is marked.
    const found = [...post.repairs, ...post.findings, ...post.blocks];
    const marks = new Map(found.filter((one) => one.line).map((one) => [one.line, one]));
    const lines = post.source.lines.map((text, index) => {
      const number = post.source.first + index;
      const mark = marks.get(number);
      return make("li", { value: number, id: "line-" + number, class: mark ? "mark " + mark.severity : undefined,
        "aria-label": mark ? `${number}: ${mark.code}: ${text}` : undefined, dir: "auto" }, text || " ");
    });
    if (post.source.is_cut) lines.push(make("li", { class: "cut" }, "…"));
    const list = make("ol", { tabindex: "0", "aria-labelledby": "source-title" }, ...lines);
    list.style.setProperty("--digits", String(post.source.first + lines.length).length);
    return list;
  }

  function showLine(number) {
    const line = find("line-" + number);
    if (!line) return;
    document.querySelector("#source .shown")?.classList.remove("shown");
    line.classList.add("shown");
    line.scrollIntoView({ block: "center" });
  }

  // --- Decisions.

  function showActions() {
    for (const button of find("actions").children) {
      const name = button.dataset.action;
      if (name === "revoke") button.hidden = !post || !["approved", "rejected"].includes(post.state);
      if (["approve", "reject", "draft"].includes(name)) button.setAttribute("aria-disabled", String(!post));
      if (name === "undo") button.setAttribute("aria-disabled", String(!undos.length));
    }
  }

  function reviewer() {
    const name = find("name").value.trim();
    if (name) return name;
    find("name").focus();
    say(words.name_missing, true);
    return "";
  }

  async function decide(action, why) {
    const row = rows[at];
    if (!canWrite || busy || !post || !row || row.hash !== post.hash) return;
    if (action === "approve" && post.blocks.length) {
      say(words.blocked + ": " + post.blocks.map((one) => one.message).join("; "), true);
      return;
    }
    // Another person's decision stays as it is.
    if ((action === "approve" && post.state === "approved") || (action === "reject" && post.state === "rejected")) {
      step(1);
      return;
    }
    const by = reviewer();
    if (!by) return;
    showBusy(true);
    try {
      const order = { action, file: post.file, line: post.line, hash: post.hash, state: post.state, by, why: why || "" };
      const answer = await send("act", order);
      await take(answer, row, action);
    } catch {
      say(words.offline, true);
    } finally {
      showBusy(false);
      if (again) refresh();
    }
  }

  async function take(answer, row, action) {
    showCounts(answer.counts);
    if (answer.refused) {
      refuse(answer, row);
      return;
    }
    const done = { approve: words.approved, reject: words.rejected, draft: words.draft, revoke: words.waiting }[action];
    row.done = done;
    row.state = answer.state;
    undos.push({ number: answer.undo, row });
    ahead.delete(key(row));
    updateRow(rows.indexOf(row));
    const said = done + ": " + row.title;
    say(answer.message ? said + ". " + answer.message : said);
    if (nextIndex(1) < 0) await fetchNew().catch(() => {});
    const index = nextIndex(1) < 0 ? nextIndex(-1) : nextIndex(1);
    if (index < 0) {
      say(said + ". " + words.last);
      go(-1).then(() => find("title").focus());
    } else {
      go(index);
    }
  }

  function refuse(answer, row) {
    const texts = { text: answer.post ? words.text_changed : words.gone, state: words.decided_elsewhere, blocked: words.blocked, nothing: words.no_undo };
    say([texts[answer.refused] || words.not_saved, answer.message].filter(Boolean).join(" "), true);
    if (answer.post) {
      takeRow(row, answer.post);
      showPost(answer.post, true);
      find("title").focus();
    } else if (answer.refused === "text") {
      showGone(row);
    }
  }

  // A post whose file was removed.
  function showGone(row) {
    row.done = words.gone;
    updateRow(rows.indexOf(row));
    if (rows[at] === row) showPost(undefined, true);
  }

  async function undo() {
    const last = undos[undos.length - 1];
    if (!canWrite || busy) return;
    if (!last) {
      say(words.no_undo);
      return;
    }
    showBusy(true);
    try {
      const answer = await send("undo", { undo: last.number });
      showCounts(answer.counts);
      undos.pop();
      if (answer.refused) {
        refuse({ ...answer, post: undefined }, last.row);
        return;
      }
      const { row } = last;
      row.done = undefined;
      row.state = answer.state || row.state;
      if (!rows.includes(row)) {
        rows.unshift(row);
        at += at < 0 ? 0 : 1;
        showRows();
      }
      say(words.undone + ": " + row.title);
      await go(rows.indexOf(row));
    } catch {
      say(words.offline, true);
    } finally {
      showBusy(false);
      showActions();
      if (again) refresh();
    }
  }

  function reject() {
    if (!canWrite || busy || !post || !reviewer()) return;
    if (post.state === "rejected") {
      step(1);
      return;
    }
    const dialog = find("why");
    find("reason").value = "";
    dialog.returnValue = "";
    dialog.showModal();
    dialog.onclose = () => {
      const why = find("reason").value.trim();
      find("title")?.focus();
      if (dialog.returnValue === "reject" && why) decide("reject", why);
    };
  }

  // --- What happens elsewhere: in an editor, in another tab, on the command line.

  let asking = false, again = false, site;

  async function refresh() {
    // A decision that is on its way asks when it has arrived.
    if (asking || busy) {
      again = true;
      return;
    }
    asking = true;
    try {
      do {
        again = false;
        await refreshOnce();
      } while (again);
    } catch {
      // The stream says when the preview is back.
    } finally {
      asking = false;
    }
  }

  async function refreshOnce() {
    const row = rows[at];
    if (!row) {
      const list = await ask("rows", { state });
      if (!rows[at] && !busy) {
        takeList(list);
        if (rows.length) await go(0, true);
      }
      return;
    }
    const shown = post;
    // The post is on its way.
    if (!shown) return;
    const answer = await askPost(row);
    showCounts(answer.counts);
    // A decision of this page may have been faster.
    if (busy || post !== shown || row.done) return;
    if (!answer.post) {
      showGone(row);
      say(words.gone, true);
      return;
    }
    const isOther = answer.post.hash !== shown.hash;
    const isDecided = answer.post.state !== shown.state;
    if (JSON.stringify(answer.post) === JSON.stringify(shown)) {
      fetchAhead();
      return;
    }
    takeRow(row, answer.post);
    showPost(answer.post, true);
    if (isOther) say(words.now_changed, true);
    else if (isDecided) say(words[answer.post.state] + ": " + answer.post.title);
    fetchAhead();
  }

  // Escape in the frame gives the focus back to this page, where keys decide.
  addEventListener("focus", () => {
    if (frame && [frame, document.body].includes(document.activeElement)) find("title")?.focus({ preventScroll: true });
  });

  let stream, lost = false;

  function connect() {
    if (stream || document.hidden) return;
    stream = new EventSource(folder + "events");
    stream.onopen = () => {
      if (lost) say("");
      lost = false;
      refresh();
    };
    stream.onmessage = (event) => {
      // What was fetched ahead is of the former site.
      if (event.data !== site) ahead.clear();
      site = event.data;
      refresh();
    };
    stream.onerror = () => {
      if (!lost) say(words.offline, true);
      lost = true;
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

  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", connect);

  // --- Keys and buttons.

  const actions = {
    approve: () => decide("approve"),
    reject,
    draft: () => decide("draft"),
    revoke: () => decide("revoke"),
    next: () => step(1),
    previous: () => step(-1),
    undo,
    keys: () => find("keys").showModal(),
  };
  const keys = {
    a: "approve", r: "reject", d: "draft", u: "undo", "?": "keys",
    j: "next", n: "next", arrowright: "next", k: "previous", p: "previous", arrowleft: "previous",
  };
  // Those that a held key must not repeat.
  const once = ["approve", "reject", "draft", "undo", "keys"];

  // The name of a key. On a keyboard of another script, its place counts.
  function pressed(event) {
    const isLatin = event.key.length > 1 || /^[ -~]$/.test(event.key);
    return isLatin ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
  }

  addEventListener("keydown", (event) => {
    const target = event.target;
    const isField = target.closest?.("input, textarea, select, [contenteditable], dialog[open]");
    if (event.defaultPrevented || event.isComposing || isField || document.querySelector("dialog[open]")) return;
    if (event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && !["?", " "].includes(event.key))) return;
    const name = pressed(event);
    const pages = { " ": event.shiftKey ? -0.9 : 0.9, pagedown: 0.9, pageup: -0.9 };
    // Space presses a button that has the focus, and scrolls a list that has it.
    if (name in pages && frame && start.site && !target.closest?.("button, a, #source, #queue")) {
      event.preventDefault();
      frame.contentWindow?.postMessage({ pressrunScroll: pages[name] }, "*");
      return;
    }
    const action = keys[name];
    if (!action || (event.repeat && once.includes(action))) return;
    if (!document.querySelector(`[data-action="${action}"]`)) return;
    event.preventDefault();
    actions[action]();
  });

  find("actions").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.getAttribute("aria-disabled") !== "true") actions[button.dataset.action]();
  });
  find("more").onclick = () => fetchMore().catch(() => say(words.offline, true));
  if (find("reason")) {
    // Enter in the field rejects, as the first button does.
    find("reason").addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        find("really").click();
      }
    });
  }

  // --- The name.

  function remember(name) {
    try {
      localStorage.setItem(nameKey, name);
    } catch { /* storage is forbidden */ }
  }

  function remembered() {
    try {
      return localStorage.getItem(nameKey);
    } catch {
      return null;
    }
  }

  find("who").hidden = !canWrite;
  find("name").value = remembered() || start.name || "";
  find("name").addEventListener("change", () => remember(find("name").value.trim()));
  find("name").addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") find("title")?.focus();
  });

  // --- The beginning.

  if (start.queue) {
    state = start.queue.state;
    takeList(start.queue.list);
    at = rows.length ? 0 : -1;
    if (at === 0) updateRow(0);
    showPost(start.queue.post || undefined, true);
    find("title").focus();
    if (at === 0) fetchAhead();
  } else {
    say(words.offline, true);
  }
  document.documentElement.dataset.ready = "true";
  connect();
})();
