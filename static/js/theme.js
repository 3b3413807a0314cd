// The switch posts to the server, which remembers the choice in a cookie. Here it happens at once, without a new page.
document.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-theme-switch]")) return;
  event.preventDefault();
  const theme = button.value;
  document.documentElement.dataset.theme = theme;
  const other = theme === "dark" ? "light" : "dark";
  const body = new FormData(event.target, button);
  for (const each of document.querySelectorAll("[data-theme-switch]")) {
    each.value = other;
    each.setAttribute("aria-label", `Switch to ${other} theme`);
  }
  await fetch(event.target.action, { method: "POST", body, redirect: "manual" });
});

// Without a remembered choice the system decides: the first switch goes to the other one of what is seen.
if (!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches) {
  for (const each of document.querySelectorAll("[data-theme-switch]")) {
    each.value = "light";
    each.setAttribute("aria-label", "Switch to light theme");
  }
}
