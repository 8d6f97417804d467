/* What the interactive figures share: their knobs, their words and their place in the page.
   A figure keeps its picture until the live drawing is complete, and in print. */
globalThis.Interactive = { models: {}, figures: {} };

(function (Interactive) {
  "use strict";

  const onPage = typeof document !== "undefined";
  const codes = onPage ? document.currentScript.dataset.languages.split(" ") : []; // as in the attribute lang
  const WORDS = { zh: { reset: "重置" }, en: { reset: "Reset" } };
  const QUIET = 500; // ms without a change after which the new state is announced

  function maker(create) {
    return (name, attributes = {}, ...children) => {
      const made = create(name);
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
      made.append(...children);
      return made;
    };
  }

  const html = maker((name) => document.createElement(name));
  const svg = maker((name) => document.createElementNS("http://www.w3.org/2000/svg", name));

  const inEach = (find) => codes.map((code) => ({ code, said: find(code.slice(0, 2)) }));

  /* A word of the interface: in the bilingual edition both, each marked as what it is. */
  function spoken(find) {
    const words = inEach(find);
    const alike = words.every(({ said }) => said === words[0].said);
    return alike ? [words[0].said] : words.flatMap(({ code, said }, i) => [i ? " · " : "", html("span", { lang: code }, said)]);
  }

  /* Numbers that grow by about the same factor, rounded as a person would choose them. */
  const MARKS = [10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 25, 28, 30, 35, 40, 45, 50, 55, 60, 70, 80, 90];
  function series(from, to) {
    const made = [];
    for (let power = Math.floor(Math.log10(from)) - 1; power <= Math.log10(to); power += 1)
      made.push(...MARKS.map((mark) => Number(`${mark}e${power}`)));
    return made.filter((value) => value >= from && value <= to);
  }

  const raised = (power) => String(power).replace(/./g, (sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign] || "⁻");

  function number(value, digits = 2) {
    if (value !== 0 && (value < 1e-3 || value >= 1e5)) {
      const [front, power] = value.toExponential(digits - 1).split("e");
      return `${front} × 10${raised(Number(power))}`;
    }
    return String(Number(value.toPrecision(digits)));
  }

  /* From a range of values to a range of places in the drawing. */
  function scale([from, to], [start, end], bend = (value) => value) {
    const per = (end - start) / (bend(to) - bend(from));
    return (value) => start + (bend(value) - bend(from)) * per;
  }

  const MARKERS = {
    circle: (x, y, r) => ["circle", { cx: x, cy: y, r }],
    square: (x, y, r) => ["rect", { x: x - r, y: y - r, width: 2 * r, height: 2 * r }],
    triangle: (x, y, r) => ["path", { d: `M${x} ${y - 1.3 * r}l${1.3 * r} ${2.3 * r}h${-2.6 * r}z` }],
    diamond: (x, y, r) => ["path", { d: `M${x} ${y - 1.4 * r}l${1.4 * r} ${1.4 * r}l${-1.4 * r} ${1.4 * r}l${-1.4 * r} ${-1.4 * r}z` }],
  };

  function marker(shape, x, y, r, kind) {
    const [name, attributes] = MARKERS[shape](x, y, r);
    return svg(name, { ...attributes, class: kind });
  }

  const line = (x1, y1, x2, y2, kind) => svg("line", { x1, y1, x2, y2, class: kind });
  const text = (x, y, said, anchor = "start") => svg("text", { x, y, "text-anchor": anchor }, said);

  function slider(id, knob, label, state, changed) {
    const input = html("input", { type: "range", id, min: 0, max: knob.values.length - 1, step: 1 });
    const output = html("output", { for: id, "aria-live": "off" }); // the slider says its value itself
    const show = () => {
      const said = (knob.show || String)(state[knob.name]);
      input.value = knob.values.indexOf(state[knob.name]);
      input.setAttribute("aria-valuetext", said);
      output.textContent = said;
    };
    input.addEventListener("input", () => {
      state[knob.name] = knob.values[input.value];
      changed();
    });
    const top = html("div", { class: "interactive-label" }, html("label", { for: id }, ...label(knob.name)), output);
    return { box: html("div", { class: "interactive-knob" }, top, input), show };
  }

  function choice(id, knob, label, state, changed) {
    const inputs = knob.choices.map((value) => html("input", { type: "radio", name: id, value }));
    for (const input of inputs)
      input.addEventListener("change", () => {
        state[knob.name] = input.value;
        changed();
      });
    const labels = inputs.map((input) => html("label", {}, input, html("span", {}, ...label(input.value))));
    const legend = html("legend", {}, ...label(knob.name));
    return {
      box: html("fieldset", { class: "interactive-knob" }, legend, html("div", { class: "interactive-choices" }, ...labels)),
      show: () => inputs.forEach((input) => (input.checked = input.value === state[knob.name])),
    };
  }

  function mount(figure, spec) {
    const first = Object.fromEntries(spec.knobs.map(({ name, value }) => [name, value]));
    if (spec.again) first.seed = 1;
    const state = { ...first };
    const label = (key) => spoken((lang) => spec.words[lang][key] || WORDS[lang][key] || key);
    const inDrawing = (key) => inEach((lang) => spec.words[lang][key]).map(({ said }) => said).join(" · ");

    const said = html("div", { id: `${figure.id}-said`, class: "interactive-said", role: "status" });
    const [width, height] = spec.size;
    const box = { viewBox: `0 0 ${width} ${height}`, class: "interactive-drawing" };
    const drawing = svg("svg", { ...box, role: "img", "aria-labelledby": said.id });

    let quiet;
    function refresh() {
      knobs.forEach((knob) => knob.show());
      const seen = spec.see(state);
      drawing.replaceChildren(...spec.draw(seen, state, inDrawing));
      const told = inEach((lang) => spec.words[lang].tell(seen, state));
      said.replaceChildren(...told.map(({ code, said }) => html("p", { lang: code }, said)));
    }
    function changed() {
      said.setAttribute("aria-busy", "true"); // a drag is announced once, when it rests
      clearTimeout(quiet);
      quiet = setTimeout(() => said.removeAttribute("aria-busy"), QUIET);
      refresh();
    }
    function button(key, act) {
      const made = html("button", { type: "button" }, ...label(key));
      made.addEventListener("click", () => {
        act();
        changed();
      });
      return made;
    }

    const knobs = spec.knobs.map((knob) =>
      (knob.values ? slider : choice)(`${figure.id}-${knob.name}`, knob, label, state, changed)
    );
    const buttons = [button("reset", () => Object.assign(state, first))];
    if (spec.again) buttons.unshift(button("again", () => (state.seed += 1)));
    refresh();
    const controls = html("div", { class: "interactive-knobs" }, ...knobs.map(({ box }) => box));
    const row = html("div", { class: "interactive-buttons" }, ...buttons);
    const panel = html("div", { class: "interactive-panel" }, drawing, controls, said, row);
    figure.insertBefore(panel, figure.querySelector("figcaption"));
    figure.classList.add("interactive-live");
  }

  Object.assign(Interactive, { svg, series, number, raised, scale, marker, line, text });

  /* Called by the script of each figure. */
  Interactive.figure = function (name, spec) {
    Interactive.figures[name] = spec;
    if (onPage) document.querySelectorAll(`figure.interactive-${name}`).forEach((figure) => mount(figure, spec));
  };
})(globalThis.Interactive);
