/* Makes the text of each card as small as it must be to fit; the paper can't scroll. */
(function () {
  "use strict";

  const LEAST = 0.5;
  const STEP = 0.05;

  function fits(face, text) {
    const wide = [text, ...text.querySelectorAll(".equation-body")].some((box) => box.scrollWidth > box.clientWidth + 1);
    return !wide && text.scrollHeight <= face.clientHeight - parseFloat(getComputedStyle(face).paddingBottom) - 8;
  }

  function fit(face) {
    const text = face.firstElementChild;
    for (let size = 1; size >= LEAST && !fits(face, text); size -= STEP) text.style.setProperty("--fit", size.toFixed(2));
  }

  async function fitAll() {
    await document.fonts.ready;
    for (const image of document.images) image.loading = "eager";
    await Promise.allSettled([...document.images].map((image) => image.decode()));
    document.querySelectorAll(".face").forEach(fit);
    document.documentElement.dataset.fitted = "true";
  }

  const button = document.getElementById("print");
  button.hidden = false;
  button.addEventListener("click", () => window.print());
  fitAll();
})();
