// A table that fits its card needs no scrolling of its own, so that its head can stay in sight while the page scrolls.
// CSS alone cannot tell: an element that scrolls sideways holds what is sticky in it.
const fit = ({ target }) => {
  const wrap = target.closest(".table-wrap");
  if (wrap) wrap.classList.toggle("fits", wrap.firstElementChild.offsetWidth <= wrap.clientWidth);
};
const sizes = new ResizeObserver((entries) => entries.forEach(fit));

function watch() {
  sizes.disconnect();
  for (const wrap of document.querySelectorAll(".table-wrap")) {
    sizes.observe(wrap);
    if (wrap.firstElementChild) sizes.observe(wrap.firstElementChild);
  }
}

document.addEventListener("htmx:afterSettle", watch);
watch();
