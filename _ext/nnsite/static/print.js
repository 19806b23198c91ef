// Paper is white: while a page is printed, it is shown light, whatever the screen shows.
(() => {
  "use strict";
  const root = document.documentElement;
  let shown = null;
  window.addEventListener("beforeprint", () => {
    if (shown === null) shown = root.dataset.theme;
    root.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    if (shown !== null) root.dataset.theme = shown;
    shown = null;
  });
})();
