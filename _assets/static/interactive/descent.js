/* Learning rate and momentum on the two surfaces of the chapter on optimisers. */
(function (Interactive) {
  "use strict";
  const { svg, scale, marker, line, text } = Interactive;
  const SHOWN = 40, PATIENCE = 400; // steps that are drawn, and that are waited for
  const FAR = 100; // a path that ends out here diverges

  const surfaces = {
    ravine: {
      cost: (x, y) => (x * x + 20 * y * y) / 2,
      grad: (x, y) => [x, 20 * y],
      arrived: (x, y) => surfaces.ravine.cost(x, y) < 0.1,
      start: [-4, 1], goal: [0, 0], x: [-5, 1.6], y: [-1.2, 1.2],
      levels: [0.5, 2, 5, 9, 14, 20],
    },
    saddle: {
      cost: (x, y) => (x * x - y * y) / 2 + y ** 4 / 4,
      grad: (x, y) => [x, y ** 3 - y],
      arrived: (x, y) => y > 0.5,
      start: [-1.5, 0.01], goal: [0, 1], x: [-2, 0.9], y: [-0.35, 1.4],
      levels: [-0.2, -0.1, 0, 0.1, 0.3, 0.6, 1, 1.5],
    },
  };

  /* The path of momentum, of SGD where gamma is 0; it ends early where a number can't hold it. */
  function path(name, lr, gamma, steps) {
    const { grad, start } = surfaces[name];
    const made = [start];
    let theta = start, v = [0, 0];
    while (made.length <= steps) {
      const g = grad(...theta);
      v = v.map((each, i) => gamma * each + lr * g[i]);
      theta = theta.map((each, i) => each - v[i]);
      if (!theta.every(Number.isFinite)) break;
      made.push(theta);
    }
    return made;
  }

  /* The number of steps to the goal of a surface; "diverges", or "late" if it takes too many. */
  function arrival(name, lr, gamma) {
    const made = path(name, lr, gamma, PATIENCE);
    const steps = made.findIndex((theta) => surfaces[name].arrived(...theta));
    const lost = made.length <= PATIENCE || made.at(-1).some((each) => Math.abs(each) > FAR);
    return lost ? "diverges" : steps < 0 ? "late" : steps;
  }

  /* Contour lines by marching squares: where an edge of a cell changes side, a line passes. */
  function contours({ cost, x, y, levels }, cells = 48) {
    const at = ([from, to], i) => from + ((to - from) * i) / cells;
    const heights = Array.from({ length: cells + 1 }, (_, j) =>
      Array.from({ length: cells + 1 }, (_, i) => cost(at(x, i), at(y, j))));
    const made = [];
    for (const level of levels)
      for (let j = 0; j < cells; j += 1)
        for (let i = 0; i < cells; i += 1) {
          const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
          const points = corners.flatMap(([a, b], k) => {
            const [c, d] = corners[(k + 1) % 4];
            const from = heights[b][a] - level, to = heights[d][c] - level, share = from / (from - to);
            return from < 0 === to < 0 ? [] : [[at(x, a + (c - a) * share), at(y, b + (d - b) * share)]];
          });
          for (let k = 0; k + 1 < points.length; k += 2) made.push([points[k], points[k + 1]]);
        }
    return made;
  }

  Interactive.models.descent = { path, arrival };

  const PANEL = [172, 196], TOP = 44;
  const kept = {};
  const near = (value) => Math.min(Math.max(value, -2000), 2000).toFixed(1); // an SVG can't hold 1e300

  function panel(name, left, state, say) {
    const surface = surfaces[name];
    const x = scale(surface.x, [0, PANEL[0]]), y = scale(surface.y, [PANEL[1], 0]);
    const place = (theta) => [near(x(theta[0])), near(y(theta[1]))];
    kept[name] ||= contours(surface).map(([a, b]) => `M${place(a)}L${place(b)}`).join("");
    const inside = svg("svg", { x: left, y: TOP, width: PANEL[0], height: PANEL[1] });
    inside.append(svg("path", { d: kept[name], class: "faint" }));
    for (const [kind, shape, gamma] of [["two", "square", state.gamma], ["one", "circle", 0]]) {
      const places = path(name, state.lr, gamma, SHOWN).map(place);
      inside.append(svg("polyline", { points: places.join(" "), class: `curve ${kind}` }));
      inside.append(...places.map(([a, b]) => marker(shape, Number(a), Number(b), 2.2, `dot ${kind}`)));
    }
    const [a, b] = place(surface.start).map(Number), [c, d] = place(surface.goal).map(Number);
    const star = Array.from({ length: 10 }, (_, k) => {
      const r = k % 2 ? 3 : 7, turn = (k * Math.PI) / 5;
      return [a + r * Math.sin(turn), b - r * Math.cos(turn)];
    });
    inside.append(svg("polygon", { points: star.join(" "), class: "ink" }));
    inside.append(line(c - 7, d, c + 7, d, "axis"), line(c, d - 7, c, d + 7, "axis"));
    return [text(left + PANEL[0] / 2, TOP - 7, say(name), "middle"), inside];
  }

  const steps = (seen, late, diverges, count) => (seen === "late" ? late : seen === "diverges" ? diverges : count(seen));

  Interactive.figure("descent", {
    size: [360, 244],
    knobs: [
      { name: "lr", values: Interactive.series(0.005, 0.25), value: 0.08 },
      { name: "gamma", values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98], value: 0.6 },
    ],
    see: ({ lr, gamma }) => {
      const arrivals = (share) => ["ravine", "saddle"].map((name) => arrival(name, lr, share));
      return { sgd: arrivals(0), momentum: arrivals(gamma) };
    },
    draw: (seen, state, say) => [
      marker("circle", 8, 10, 4, "dot one"), text(17, 14, "SGD"),
      marker("square", 68, 10, 4, "dot two"), text(77, 14, say("legend")),
      ...panel("ravine", 2, state, say), ...panel("saddle", 186, state, say),
    ],
    words: {
      zh: {
        lr: "学习率 η", gamma: "动量 γ", legend: "动量", ravine: "峡谷", saddle: "鞍点",
        tell: ({ sgd, momentum }) => {
          const said = (seen, there) => steps(seen, "400 步还不到", "发散", (n) => `第 ${n} 步${there}`);
          const both = ([ravine, saddle]) => `峡谷${said(ravine, "到底")}，鞍点${said(saddle, "离开")}`;
          return `SGD：${both(sgd)}。动量：${both(momentum)}。`;
        },
      },
      en: {
        lr: "Learning rate η", gamma: "Momentum γ", legend: "momentum", ravine: "ravine", saddle: "saddle",
        tell: ({ sgd, momentum }) => {
          const said = (seen, there) => steps(seen, "not in 400 steps", "diverges", (n) => `${there} at step ${n}`);
          const both = ([ravine, saddle]) => `ravine: ${said(ravine, "down")}; saddle: ${said(saddle, "off")}`;
          return `SGD: ${both(sgd)}. Momentum: ${both(momentum)}.`;
        },
      },
    },
  });
})(globalThis.Interactive);
