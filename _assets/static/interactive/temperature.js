/* What the temperature does to the probabilities of a softmax. */
(function (Interactive) {
  "use strict";
  const { svg, scale, marker, line, text } = Interactive;
  const OTHERS = [2, 1, 0]; // the scores that no knob turns

  function softmax(scores, temperature) {
    const z = scores.map((score) => score / temperature), highest = Math.max(...z);
    const e = z.map((each) => Math.exp(each - highest));
    const sum = e.reduce((a, b) => a + b);
    return e.map((each) => each / sum);
  }

  Interactive.models.temperature = { softmax };

  const T = Interactive.series(0.1, 100);
  const LOOKS = [["one", "circle"], ["two", "square"], ["three", "triangle"], ["four", "diamond"]];
  const BOX = { left: 30, right: 346, top: 12, bottom: 132 };
  const BARS = { left: 70, right: 300, top: 178, each: 24 };

  function draw(seen, state, say) {
    const scores = [state.score, ...OTHERS];
    const x = scale([0.1, 100], [BOX.left, BOX.right], Math.log), y = scale([0, 1], [BOX.bottom, BOX.top]);
    const made = [];
    for (const p of [0, 0.5, 1]) made.push(line(BOX.left, y(p), BOX.right, y(p), "grid"), text(BOX.left - 6, y(p) + 4, String(p), "end"));
    for (const t of [0.1, 1, 10, 100]) made.push(text(x(t), BOX.bottom + 17, String(t), "middle"));
    made.push(line(BOX.left, y(0.25), BOX.right, y(0.25), "axis"), line(x(state.T), BOX.top - 6, x(state.T), BOX.bottom, "here"));
    const curves = T.map((t) => softmax(scores, t));
    scores.forEach((score, j) => {
      const [kind, shape] = LOOKS[j], middle = BARS.top + BARS.each * j;
      made.push(svg("polyline", { points: T.map((t, i) => `${x(t)},${y(curves[i][j])}`).join(" "), class: `curve ${kind}` }));
      made.push(marker(shape, x(state.T), y(seen[j]), 4, `dot ${kind}`));
      const end = scale([0, 1], [BARS.left, BARS.right])(seen[j]);
      made.push(
        marker(shape, 12, middle, 4.5, `dot ${kind}`),
        text(24, middle + 4, `z = ${score}`),
        svg("rect", { x: BARS.left, y: middle - 8, width: end - BARS.left, height: 16, class: `bar ${kind}` }),
        text(end + 6, middle + 4, seen[j].toFixed(3))
      );
    });
    made.push(text((BOX.left + BOX.right) / 2, BOX.bottom + 32, say("T"), "middle"), text(BOX.left + 4, y(0.25) - 4, "1/C"));
    return made;
  }

  const probabilities = (seen) => seen.map((each) => each.toFixed(3));
  const confidence = (seen) => Math.max(...seen).toFixed(3);

  /* Which of its two limits a distribution has come to: 0 hardmax, 1 uniform, 2 neither. */
  function limit(seen) {
    return Math.max(...seen) > 0.995 ? 0 : Math.max(...seen) - Math.min(...seen) < 0.02 ? 1 : 2;
  }

  Interactive.figure("temperature", {
    size: [360, 264],
    knobs: [
      { name: "T", values: T, value: 1 },
      { name: "score", values: [-1, 0, 1, 2, 3, 4, 5, 6], value: 3 },
    ],
    see: (state) => softmax([state.score, ...OTHERS], state.T),
    draw,
    words: {
      zh: {
        T: "温度 T", score: "第一个分数",
        tell: (seen) =>
          `概率依次为 ${probabilities(seen).join("、")}，置信度 ${confidence(seen)}${["，几乎就是 hardmax", "，几乎是均匀分布", ""][limit(seen)]}。`,
      },
      en: {
        T: "Temperature T", score: "First score",
        tell: (seen) =>
          `Probabilities ${probabilities(seen).join(", ")}; confidence ${confidence(seen)}${[", nearly the hardmax", ", nearly uniform", ""][limit(seen)]}.`,
      },
    },
  });
})(globalThis.Interactive);
