// Ctrl K, ⌘K or / opens the palette: a dialog over the page /search/, which also works alone.
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-q");
const links = () => [...dialog.querySelectorAll("#palette-results a")];
const isTyping = (node) => node.closest("input, textarea, select, [contenteditable]");

function show(event) {
  event.preventDefault();
  if (dialog.open) return;
  dialog.showModal();
  input.select();
  window.htmx?.trigger(input, "palette:open");
}

function move(step) {
  const all = links();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  const next = at + step;
  if (next < 0) input.focus();
  else all[Math.min(next, all.length - 1)].focus();
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    const shortcut = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
    if (shortcut || slash) show(event);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-palette]");
    if (opener && !event.ctrlKey && !event.metaKey) show(event);
    if (event.target === dialog) dialog.close(); // the backdrop
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") dialog.close(); // a search field would only be emptied by the first one
    else if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Enter" && event.target === input && links().length) links()[0].click();
    else return;
    event.preventDefault();
  });
  if (!/Mac|iPhone|iPad/.test(navigator.platform)) {
    for (const key of document.querySelectorAll(".jump kbd")) key.textContent = "Ctrl K";
  }
}
