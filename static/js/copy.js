// A copy button copies its data-copy text, or else the text of the code block beside it, and says so.
async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // plain http on another host has no clipboard API
  area.value = text;
  area.className = "hide";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button.copy:not([data-dismiss])");
  if (!button) return;
  const text = button.dataset.copy ?? button.parentElement.querySelector("pre, code")?.textContent ?? "";
  const label = button.dataset.label ?? button.getAttribute("aria-label");
  button.dataset.label = label;
  try {
    await write(text.trim());
    button.classList.add("done");
    button.setAttribute("aria-label", "Copied");
  } catch {
    button.setAttribute("aria-label", "Could not copy");
  }
  setTimeout(() => {
    button.classList.remove("done");
    button.setAttribute("aria-label", label);
  }, 1600);
});
