// Files that are dropped or chosen go up one by one, two at a time: each shows how far it is and what went wrong with it.
// Without this module the form sends all of them at once.
const AT_ONCE = 2, MOST = 50 * 1024 * 1024;
const form = document.querySelector("[data-upload]");

function setUp() {
  const drop = form.querySelector("[data-drop]"), input = form.elements.files;
  const part = (name) => form.querySelector(`[data-upload${name}]`);
  const make = (tag, values = {}) => Object.assign(document.createElement(tag), values);
  const waiting = [], all = [];
  let running = 0;

  function line(file) {
    const row = make("li"), text = make("div"), words = make("p", { textContent: "Waiting" });
    const name = make("strong", { className: "cut", textContent: file.name });
    text.append(name, words);
    row.append(text);
    part("-list").append(row);
    return { file, row, name, words, sent: 0, state: "" };
  }

  function add(files) {
    form.querySelector("[data-uploads]").hidden = false;
    for (const file of files) {
      const each = line(file);
      all.push(each);
      if (file.size > MOST) end(each, "bad", "Not added. Larger than 50 MiB, the most that a file may have.");
      else if (!file.size) end(each, "bad", "Not added. The file is empty.");
      else waiting.push(each);
    }
    next();
  }

  function end(each, state, words, url) {
    Object.assign(each, { state, sent: each.file.size });
    each.row.className = state;
    each.words.textContent = words;
    if (url) each.name.replaceChildren(make("a", { href: url, textContent: each.file.name }));
    say();
  }

  function say() {
    const total = all.reduce((sum, each) => sum + each.file.size, 0) || 1;
    const sent = all.reduce((sum, each) => sum + each.sent, 0);
    part("-bar").setAttribute("width", `${(100 * sent / total).toFixed(1)}%`);
    const done = all.filter((each) => each.state === "ok").length, bad = all.filter((each) => each.state === "bad").length;
    part("-words").textContent = `${done} of ${all.length} added${bad ? `, ${bad} not` : ""}`;
    if (!form.toggleAttribute("data-finished", done + bad === all.length) || !done) return;
    document.body.dispatchEvent(new Event("files-added")); // the list beside the form shows them
  }

  function next() {
    say();
    while (running < AT_ONCE && waiting.length) send(waiting.shift());
  }

  function send(each) {
    const body = new FormData(form), request = new XMLHttpRequest();
    if (all.length > 1) body.delete("name");
    body.set("files", each.file, each.file.name);
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = (event) => {
      each.sent = Math.min(event.loaded, each.file.size);
      each.words.textContent = event.loaded < event.total ? `${Math.round(100 * event.loaded / event.total)} %` : "Storing";
      say();
    };
    request.onloadend = () => {
      const file = request.response?.files?.[0];
      if (file?.url) end(each, "ok", "Added, and being ingested.", file.url);
      else end(each, "bad", `Not added. ${file?.error ?? request.response?.error ?? (request.responseURL.includes("/sign-in/") ? "You were signed out: reload the page." : "The server could not be reached.")}`);
      running -= 1;
      next();
    };
    running += 1; request.send(body);
  }

  const start = (files) => {
    if (form.elements.space?.value !== "") return add(files); // a folder's form names no space
    form.elements.space.focus();
    form.reportValidity();
  };
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    start([...event.dataTransfer.files]);
  });
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    start([...input.files]);
    input.value = "";
  });
}

if (form) setUp();
