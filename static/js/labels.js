// The labels editor: when the last row is being filled, another empty one appears.
document.addEventListener("input", (event) => {
  const row = event.target.closest("[data-label-row]");
  if (!row || row.nextElementSibling || !event.target.value) return;
  const next = row.cloneNode(true);
  for (const input of next.querySelectorAll("input")) {
    input.value = "";
    input.removeAttribute("id");
  }
  row.after(next);
});
