// The live page of a chat. The server sends pieces of HTML that each have an id: a piece takes the place of the element
// with its id, or comes at the end of the transcript. They come by server-sent events while an answer is written; where
// those are refused the page asks every two seconds; and now and then it looks for what other people have said.
const POLL = 2000, LOOK = 15000, AGAIN = 30000;
const card = document.querySelector("[data-chat]");
const transcript = document.getElementById("transcript");
const act = document.getElementById("act");
let source = null, timer = null, refusedUntil = 0;

const pending = () => transcript.querySelector("[data-pending]");
const atEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 160;

function put(html, isAnswer = false) {
  const stay = atEnd();
  const pieces = new DOMParser().parseFromString(html, "text/html").body.children;
  for (const piece of [...pieces]) {
    const old = document.getElementById(piece.id);
    if (!isAnswer && old?.dataset.version && old.dataset.version === piece.dataset.version) continue;
    if (old?.dataset.version > piece.dataset.version) continue; // what we have is newer than a slow answer
    const focused = old?.contains(document.activeElement) && document.activeElement.id;
    if (old) old.replaceWith(piece);
    else if (piece.matches("article")) transcript.append(piece);
    else continue;
    if (piece.dataset.version > act.elements.since.value) act.elements.since.value = piece.dataset.version;
    if (focused) document.getElementById(focused)?.focus();
    window.htmx?.process(piece);
  }
  if (transcript.querySelector("article")) document.getElementById("face")?.remove();
  if (stay) scrollTo({ top: document.documentElement.scrollHeight });
}

const where = (name) => {
  const { first, since } = act.elements;
  return `${card.dataset.chat}${name}/?${new URLSearchParams({ first: first.value, since: since.value })}`;
};

async function look() {
  clearTimeout(timer);
  if (!document.hidden && !source) {
    const answer = await fetch(where("latest"), { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.status === 200 && !answer.redirected) put(await answer.text());
    if (answer?.status === 404) return location.reload(); // the chat is gone, and the page says so
    follow();
  }
  timer = setTimeout(look, pending() ? POLL : LOOK);
}

function say(text) {
  document.getElementById("said").textContent = text;
}

function close() {
  source?.close();
  source = null;
  clearTimeout(timer);
  timer = setTimeout(look, pending() ? POLL : LOOK);
}

function follow() {
  if (source || !pending() || Date.now() < refusedUntil) return;
  source = new EventSource(where("stream"));
  source.addEventListener("text", (event) => put(event.data));
  source.addEventListener("pieces", (event) => {
    put(event.data);
    if (!pending()) say("The answer is complete.");
  });
  source.addEventListener("gone", (event) => document.getElementById(event.data)?.remove());
  source.addEventListener("deleted", () => location.reload());
  const refuse = () => { refusedUntil = Date.now() + AGAIN; close(); };
  source.addEventListener("over", close);
  source.addEventListener("poll", refuse);
  source.addEventListener("error", () => { if (source?.readyState === EventSource.CLOSED) refuse(); });
}

if (card && transcript && act) {
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target !== transcript || !event.detail.shouldSwap) return;
    event.detail.shouldSwap = false;
    const typing = document.activeElement?.id === "say" || event.detail.requestConfig.elt.id === "composer";
    put(event.detail.serverResponse, true);
    if (typing) document.getElementById("say")?.focus();
    follow();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.target.id !== "say") return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => event.persisted && look()); // back from the browser's memory of pages
  if (!location.hash && transcript.querySelector("article")) scrollTo({ top: document.documentElement.scrollHeight });
  follow();
  timer = setTimeout(look, LOOK);
}
