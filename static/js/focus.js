// htmx keeps the focus on what has an id. A button that was disabled while its request ran gets it back here; and where
// the focused link is gone (the cross of a filter that was taken away, "Next" before the last page), the list that came
// takes the focus, not the top of the page.
let held = null;

document.addEventListener("htmx:beforeRequest", () => {
  if (document.activeElement !== document.body) held = document.activeElement;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!held || document.activeElement !== document.body) return;
  if (held.isConnected) held.focus({ preventScroll: true });
  else if (event.detail.target.id === "list") {
    const list = document.querySelector("#list [tabindex]") ?? document.querySelector("#list a") ?? document.getElementById("q");
    list?.focus({ preventScroll: true });
  }
  held = null;
});
