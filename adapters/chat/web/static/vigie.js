// Makes the pages live. Without it every form still works: the server then answers with a page.
"use strict";

const byId = (id) => document.getElementById(id);
const log = byId("log");
const composer = byId("composer");

// --- Signing in: the link alone does nothing, so that a preview cannot use it up; a person's browser goes on.

const signIn = byId("sign-in");
if (signIn) {
  signIn.elements.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const go = () => { if (document.visibilityState === "visible") signIn.requestSubmit(); };
  if (document.prerendering) document.addEventListener("prerenderingchange", go, { once: true });
  else go();
}

// --- Sending forms without leaving the page

function nonce() {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function post(form) {
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("unsure");
  let answer;
  try {
    answer = await fetch(form.getAttribute("action"), {
      method: "POST", body: fields, headers: { Accept: "application/json" }, credentials: "same-origin",
    });
  } catch {
    notify(byId("notices").dataset.failed);
    return false;
  }
  if (answer.ok) {
    form.elements.nonce.value = nonce();
    return true;
  }
  if (answer.status === 401) location.reload();
  const told = await answer.json().catch(() => ({ error: byId("notices").dataset.failed }));
  notify(told.error);
  return false;
}

function notify(text, { picture = "", stays = false } = {}) {
  const box = byId("notices");
  const notice = document.createElement("p");
  notice.className = "notice";
  const words = document.createElement("span");
  words.textContent = text;
  notice.append(words);
  if (picture) {
    const shown = document.createElement("img");
    shown.src = picture;
    shown.alt = "";
    notice.append(shown);
  }
  closable(notice, stays);
  box.append(notice);
}

function closable(notice, stays) {
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "✕";
  close.setAttribute("aria-label", byId("notices").dataset.close);
  close.addEventListener("click", () => { notice.remove(); composer?.elements.text.focus(); });
  notice.append(close);
  if (!stays) setTimeout(() => { if (!notice.matches(":hover, :focus-within")) notice.remove(); }, 12000);
}

function confirmed(form) {
  if (!form.dataset.confirm) return Promise.resolve(true);
  const button = form.querySelector("button");
  const dialog = document.createElement("dialog");
  const question = document.createElement("p");
  question.id = "question";
  question.textContent = form.dataset.confirm;
  dialog.setAttribute("aria-labelledby", "question");
  const row = document.createElement("form");
  row.method = "dialog";
  row.className = "buttons";
  for (const [value, label, kind] of [["no", form.dataset.stay, ""], ["yes", button.firstChild.textContent.trim(), "primary"]]) {
    const choice = document.createElement("button");
    choice.value = value;
    choice.textContent = label;
    choice.className = kind;
    row.append(choice);
  }
  dialog.append(question, row);
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      button.focus();
      resolve(dialog.returnValue === "yes");
    });
    dialog.showModal();
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("form.press")) return;
  event.preventDefault();
  if (form.dataset.busy || !(await confirmed(form))) return;
  form.dataset.busy = "1";
  const button = form.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  await post(form);
  button.removeAttribute("aria-disabled");
  delete form.dataset.busy;
});

// --- Writing

if (composer) {
  const text = composer.elements.text;
  composer.elements.zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  const grow = () => {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
  };
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      composer.requestSubmit();
    }
  });
  composer.addEventListener("submit", async (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) return;
    if (composer.dataset.busy) {
      // Sent in its turn, as soon as what is under way has arrived.
      composer.dataset.waits = "1";
      return;
    }
    composer.dataset.busy = "1";
    const ghost = echo(words);
    const sending = post(composer);
    text.value = "";
    grow();
    text.focus();
    const taken = await sending;
    if (!taken) {
      ghost.remove();
      if (!text.value) text.value = words;
      grow();
    }
    const waits = composer.dataset.waits;
    delete composer.dataset.busy;
    delete composer.dataset.waits;
    if (taken && waits) composer.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const example = event.target.closest("[data-fill]");
    if (!example) return;
    event.preventDefault();
    text.value = example.textContent.trim();
    grow();
    text.focus();
  });
  grow();
  text.setSelectionRange(text.value.length, text.value.length);
  if (matchMedia("(pointer: fine)").matches) text.focus({ preventScroll: true });
}

function echo(words) {
  const ghost = document.createElement("li");
  ghost.className = "line theirs ghost";
  ghost.setAttribute("aria-hidden", "true");
  const box = document.createElement("div");
  box.className = "words";
  const paragraph = document.createElement("p");
  paragraph.textContent = words;
  box.append(paragraph);
  ghost.append(box);
  log.append(ghost);
  toEnd();
  return ghost;
}

// --- The conversation

const nearEnd = () => innerHeight + scrollY > document.documentElement.scrollHeight - 160;
const toEnd = () => scrollTo({ top: document.documentElement.scrollHeight });

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// Replaces what stands in `old`, and keeps the keyboard where it was: on the same button, or on the new element.
function replace(old, fresh, put) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const act = focused?.dataset.act;
  put();
  if (!focused) return;
  const again = act && Array.from(fresh.querySelectorAll("[data-act]")).find((each) => each.dataset.act === act);
  (again || (fresh.tabIndex >= -1 && fresh.hasAttribute("tabindex") ? fresh : byId("main"))).focus({ preventScroll: true });
}

function showLine({ seq, version, html }) {
  const old = byId(`line-${seq}`);
  if (old?.dataset.version === version) return;
  const fresh = fragment(html).firstElementChild;
  const follow = nearEnd();
  byId("welcome")?.remove();
  if (fresh.classList.contains("theirs")) log.querySelector(".ghost")?.remove();
  if (old) {
    replace(old, fresh, () => old.replaceWith(fresh));
  } else {
    const next = Array.from(log.children).find((line) => line.matches(".ghost") || Number(line.dataset.seq) > seq);
    log.insertBefore(fresh, next || null);
  }
  if (follow) toEnd();
  else if (!old) byId("newer").hidden = false;
}

byId("newer")?.addEventListener("click", () => {
  toEnd();
  composer.elements.text.focus({ preventScroll: true });
});
addEventListener("scroll", () => { if (byId("newer") && nearEnd()) byId("newer").hidden = true; }, { passive: true });

function showProgress({ working, words }) {
  const box = byId("working");
  if (!box) return;
  const follow = nearEnd();
  const place = byId("working-words");
  box.hidden = !working;
  place.textContent = words || place.dataset.idle;
  if (follow && working) toEnd();
}

function showCount(count) {
  const badge = byId("pending-count");
  if (!badge) return;
  badge.textContent = count;
  badge.hidden = !count;
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (count) document.title = `(${count}) ${document.title}`;
}

// --- The stream. Only a page somebody looks at keeps a connection: browsers allow few of them.

let source = null;
let held = null;
addEventListener("focusout", () => { const show = held; held = null; if (show) setTimeout(show, 0); });
let after = document.body.dataset.after;

const tell = {
  line: showLine,
  list({ html }) {
    const list = byId("list");
    const show = () => {
      replace(list, list, () => list.replaceChildren(fragment(html)));
      byId("changed").textContent = "";
      setTimeout(() => { byId("changed").textContent = byId("changed").dataset.words; }, 50);
    };
    // Whoever is choosing or writing in it is not interrupted.
    held = null;
    if (list.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")) held = show;
    else show();
  },
  progress: showProgress,
  notice: ({ text, picture, stays }) => notify(text, { picture, stays }),
  "pending-count": ({ count }) => showCount(count),
  banner({ html }) { byId("banner").replaceChildren(fragment(html)); },
  bye() { close(); location.reload(); },
};

function open() {
  if (source || !document.body.dataset.view) return;
  const { view, query } = document.body.dataset;
  source = new EventSource(`/stream?${new URLSearchParams({ view, query, after })}`);
  source.addEventListener("open", () => { byId("lost").hidden = true; document.body.dataset.live = "1"; });
  source.addEventListener("error", () => {
    byId("lost").hidden = false;
    delete document.body.dataset.live;
    if (source?.readyState === EventSource.CLOSED) { close(); setTimeout(open, 3000); }
  });
  for (const [name, show] of Object.entries(tell)) {
    source.addEventListener(name, (event) => {
      if (event.lastEventId) after = event.lastEventId;
      show(JSON.parse(event.data));
    });
  }
}

function close() {
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? open() : close()));
addEventListener("pagehide", close);
addEventListener("pageshow", () => { if (document.visibilityState === "visible") open(); });

for (const notice of document.querySelectorAll(".notice")) closable(notice, "stays" in notice.dataset);
// In a narrow window the list of rooms is a row that scrolls: the room one is in is never out of sight.
const current = document.querySelector(".top [aria-current]");
if (current) { const row = current.closest("nav"); row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2; }

if (byId("pending-count") && !byId("pending-count").hidden) showCount(Number(byId("pending-count").textContent));
if (composer) toEnd();
