// Toasts can be dismissed, go by themselves when nothing is wrong, and say when the server did not answer.
const box = document.getElementById("toasts");
const LIFETIME = 8000;

function expire(toast) {
  if (toast.classList.contains("bad") || toast.classList.contains("warn")) return;
  setTimeout(() => toast.remove(), LIFETIME);
}

function say(text) {
  const toast = document.createElement("section");
  toast.className = "notice toast bad plain-toast";
  const words = document.createElement("p");
  words.textContent = text;
  toast.append(words);
  box.append(toast);
  setTimeout(() => toast.remove(), LIFETIME);
}

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".notice").remove());
document.addEventListener("htmx:sendError", () => say("The server did not answer. Nothing changed; try again."));
document.addEventListener("htmx:responseError", (event) => {
  say(`The server answered ${event.detail.xhr.status}. Nothing changed; reload the page and try again.`);
});
for (const toast of box?.children ?? []) expire(toast);
