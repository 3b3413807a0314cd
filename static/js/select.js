// Ticks in a table: the box in the head ticks the page, Shift ticks a range, the bar counts.
let last = null;
const ticks = (form) => [...form.querySelectorAll("tbody .tick input")];

function refresh(form) {
  const all = ticks(form);
  const count = all.filter((box) => box.checked).length;
  const head = form.querySelector("thead .tick input");
  if (head) {
    head.checked = count > 0 && count === all.length;
    head.indeterminate = count > 0 && count < all.length;
  }
  const words = form.querySelector("[data-selected]");
  const every = form.elements.all; // those of other pages as well
  if (words) words.textContent = every?.checked ? `All ${every.dataset.count ?? ""} selected` : `${count} selected`;
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (!box.matches?.("tbody .tick input")) return;
  const all = ticks(box.form);
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const each of all.slice(from, to + 1)) each.checked = box.checked;
  }
  last = box;
  refresh(box.form);
});

document.addEventListener("change", (event) => {
  const box = event.target;
  if (box.name === "all" && box.matches(".selection input")) return refresh(box.form);
  if (!box.matches?.("thead .tick input")) return;
  for (const each of ticks(box.form)) each.checked = box.checked;
  refresh(box.form);
});

document.addEventListener("htmx:afterSettle", () => {
  for (const form of document.querySelectorAll("form:has(tbody .tick)")) refresh(form);
});
for (const form of document.querySelectorAll("form:has(tbody .tick)")) refresh(form);
