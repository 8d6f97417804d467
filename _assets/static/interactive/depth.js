/* What the standard deviation of the weights does to the signal through depth, by the laws of the chapter. */
(function (Interactive) {
  "use strict";
  const { svg, number, raised, scale, marker, line, text } = Interactive;
  const WIDTH = 256; // of every layer
  const stds = { small: 0.01, Xavier: Math.sqrt(1 / WIDTH), He: Math.sqrt(2 / WIDTH) };

  /* E[tanh²(s z)] for a standard normal z. On a function as smooth as this, the trapezoidal rule is exact to the last digits. */
  function tanhMoment(s, h = 1 / 16) {
    let sum = 0; // at z = 0 it is 0, and both sides are equal
    for (let z = h; z < 9; z += h) sum += Math.tanh(s * z) ** 2 * Math.exp((-z * z) / 2);
    return (2 * h * sum) / Math.sqrt(2 * Math.PI);
  }

  const after = { // E[a²] of a layer, from Var(z) = n Var(w) E[x²]
    linear: (variance) => variance,
    ReLU: (variance) => variance / 2,
    tanh: (variance) => tanhMoment(Math.sqrt(variance)),
  };

  /* E[a²] of inputs with E[x²] = 1 and of each layer. */
  function moments(activation, std, depth) {
    const made = [1];
    while (made.length <= depth) made.push(after[activation](WIDTH * std ** 2 * made.at(-1)));
    return made;
  }

  Interactive.models.depth = { stds, width: WIDTH, tanhMoment, moments };

  const BOX = { left: 44, right: 302, top: 24, bottom: 204 };
  const WIDE = [-20, -10, 0, 10, 20]; // the powers of ten on the axis
  const POWERS = { linear: WIDE, ReLU: WIDE, tanh: [-8, -6, -4, -2, 0] };
  const LOOKS = {
    He: ["one", "circle", "He"],
    Xavier: ["two", "triangle", "LeCun,", "Xavier"], // the same where all layers have one width
    small: ["three", "square", "small"],
  };
  const named = (std) => Object.keys(stds).find((name) => stds[name] === std);

  function draw(seen, { activation, depth }, say) {
    const powers = POWERS[activation], lowest = powers[0], highest = powers[4];
    const x = scale([0, depth], [BOX.left, BOX.right]), y = scale([lowest, highest], [BOX.bottom, BOX.top]);
    const inside = ([, power]) => power >= lowest && power <= highest;
    const trace = (values) => values.map((value, layer) => [layer, Math.log10(value)]);
    const points = (pairs) => pairs.map(([layer, power]) => `${x(layer)},${Math.max(Math.min(y(power), 999), -999)}`).join(" ");
    const made = [];
    for (const power of powers)
      made.push(line(BOX.left, y(power), BOX.right, y(power), "grid"), text(BOX.left - 5, y(power) + 4, power ? `10${raised(power)}` : "1", "end"));
    const plot = svg("svg", { width: 360, height: BOX.bottom + 4 }); // cuts off what leaves it
    for (const [name, [kind, shape, ...lines]] of Object.entries(LOOKS)) {
      const own = trace(moments(activation, stds[name], depth));
      const last = own.filter(inside).at(-1);
      plot.append(svg("polyline", { points: points(own), class: `curve thin ${kind}` }));
      plot.append(marker(shape, x(last[0]), y(last[1]), 3.5, `dot ${kind}`));
      lines.forEach((said, i) => made.push(text(x(last[0]) + 8, Math.min(y(last[1]) + 4, BOX.bottom - 5) + 13 * i, said)));
    }
    plot.append(svg("polyline", { points: points(trace(seen)), class: "curve own" }));
    made.push(plot, line(BOX.left, BOX.bottom, BOX.right, BOX.bottom, "axis"));
    for (const layer of [0, depth / 2, depth]) made.push(text(x(layer), BOX.bottom + 17, String(layer), "middle"));
    made.push(text((BOX.left + BOX.right) / 2, BOX.bottom + 34, say("layer"), "middle"), text(BOX.right, BOX.top - 12, "E[a²]", "end"));
    return made;
  }

  const fate = (last, words) => words[last < 1e-3 ? 0 : last > 1e3 ? 2 : 1];

  Interactive.figure("depth", {
    size: [360, 242],
    knobs: [
      { name: "activation", choices: ["linear", "ReLU", "tanh"], value: "ReLU" },
      {
        name: "std",
        values: [0.01, 0.02, 0.03, 0.04, 0.05, stds.Xavier, 0.07, 0.08, stds.He, 0.1, 0.12, 0.15, 0.2, 0.25],
        value: stds.He,
        show: (std) => number(std, 3) + (named(std) ? ` (${named(std)})` : ""),
      },
      { name: "depth", values: [2, 4, 6, 8, 10, 20, 30, 40, 50, 60, 80, 100], value: 50 },
    ],
    see: ({ activation, std, depth }) => moments(activation, std, depth),
    draw,
    words: {
      zh: {
        activation: "激活函数", linear: "无", std: "权重的标准差", depth: "层数", layer: "层",
        tell: (seen) => {
          const last = seen.at(-1);
          return `粗线，按公式：E[a²] 在第 1 层是 ${number(seen[1])}，在第 ${seen.length - 1} 层是 ${number(last)}，${fate(last, ["信号消失", "信号守住", "信号爆炸"])}。`;
        },
      },
      en: {
        activation: "Activation function", linear: "none", std: "Std of weights", depth: "Layers", layer: "layer",
        tell: (seen) => {
          const last = seen.at(-1);
          return `Thick line, by the formulas: E[a²] is ${number(seen[1])} at layer 1 and ${number(last)} at layer ${seen.length - 1}; the signal ${fate(last, ["vanishes", "holds", "explodes"])}.`;
        },
      },
    },
  });
})(globalThis.Interactive);
