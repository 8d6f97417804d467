/* The same random numbers, sampled uniformly and log-uniformly, seen on a linear and on a logarithmic axis. */
(function (Interactive) {
  "use strict";
  const { raised, scale, marker, line, text } = Interactive;
  const HIGH = 1; // the upper end of the range

  /* Random numbers in [0, 1), the same for the same seed: Tommy Ettinger's mulberry32. */
  function uniforms(seed, size) {
    let a = seed;
    return Array.from({ length: size }, () => {
      a = (a + 0x6d2b79f5) | 0;
      let t = Math.imul(a ^ (a >>> 15), 1 | a);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    });
  }

  const between = (from, to, share) => from + (to - from) * share;
  const laws = {
    uniform: (low, u) => between(low, HIGH, u),
    logUniform: (low, u) => Math.min(Math.max(10 ** between(Math.log10(low), Math.log10(HIGH), u), low), HIGH),
  };

  /* What each law puts above c. */
  const above = (low, c) => ({
    uniform: (HIGH - c) / (HIGH - low),
    logUniform: Math.log(HIGH / c) / Math.log(HIGH / low),
  });

  /* The share of the samples in each part of the axis, the last part closed. */
  function shares(samples, edges) {
    const counts = edges.slice(1).map((right, i) => {
      const last = i === edges.length - 2;
      return samples.filter((each) => each >= edges[i] && (each < right || (last && each === right))).length;
    });
    return counts.map((count) => count / samples.length);
  }

  /* The parts of the axis: decades, or fifths. */
  function edges(axis, low) {
    const decades = Math.round(Math.log10(HIGH / low));
    return axis === "log"
      ? Array.from({ length: decades + 1 }, (_, i) => Number(`1e${i - decades}`))
      : [low, 0.2, 0.4, 0.6, 0.8, HIGH];
  }

  function draws(low, size, seed) {
    const u = uniforms(seed, 2 * size);
    return {
      uniform: u.slice(0, size).map((each) => laws.uniform(low, each)),
      logUniform: u.slice(size).map((each) => laws.logUniform(low, each)),
      lift: uniforms(seed + 1e6, 2 * size),
    };
  }

  Interactive.models.sampling = { uniforms, draws, above, shares, edges };

  const CUT = 0.1;
  const LEFT = 14, RIGHT = 346, BOTTOM = 190;
  const ROWS = [["logUniform", 62, "two", "square"], ["uniform", 154, "one", "circle"]]; // the law, its height and its look
  const percent = (share) => `${Math.round(100 * share)} %`;

  function draw(seen, { axis, low }, say) {
    const parts = edges(axis, low), made = [];
    const x = scale([low, HIGH], [LEFT, RIGHT], axis === "log" ? Math.log10 : undefined);
    for (const edge of parts) {
      const said = edge < 0.01 && axis === "log" ? `10${raised(Math.log10(edge))}` : String(Number(edge.toFixed(2)));
      made.push(line(x(edge), 22, x(edge), BOTTOM, "grid"), text(x(edge), BOTTOM + 17, said, "middle"));
    }
    ROWS.forEach(([law, middle, kind, shape], row) => {
      const lift = seen.lift.slice(row * seen[law].length);
      made.push(marker(shape, LEFT + 4, middle - 46, 4, `dot ${kind}`), text(LEFT + 13, middle - 42, say(law)));
      made.push(...seen[law].map((each, i) => marker(shape, x(each), middle + 8 + 36 * (lift[i] - 0.5), 2.2, `dot ${kind}`)));
      shares(seen[law], parts).forEach((share, i) =>
        made.push(text((x(parts[i]) + x(parts[i + 1])) / 2, middle - 22, percent(share), "middle")));
    });
    return [...made, line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"), text((LEFT + RIGHT) / 2, BOTTOM + 34, say("rate"), "middle")];
  }

  /* For each law, what it puts above the cut, and how much of the sample lies there. */
  function shareAbove(seen, low) {
    const law = above(low, CUT);
    return ROWS.map(([name]) => [name, percent(law[name]), percent(seen[name].filter((each) => each > CUT).length / seen[name].length)]);
  }

  Interactive.figure("sampling", {
    size: [360, 228],
    again: true,
    knobs: [
      { name: "axis", choices: ["linear", "log"], value: "log" },
      { name: "low", values: [1e-6, 1e-5, 1e-4, 1e-3, 1e-2], value: 1e-4, show: (low) => low.toFixed(-Math.log10(low)) },
      { name: "size", values: [10, 20, 50, 100, 200, 500], value: 100 },
    ],
    see: ({ low, size, seed }) => draws(low, size, seed),
    draw,
    words: {
      zh: {
        axis: "横轴", linear: "线性", log: "对数", low: "下限", size: "个数", again: "重抽",
        logUniform: "对数均匀", uniform: "均匀", rate: "学习率 η",
        tell: (seen, { low }) =>
          `${CUT} 以上：${shareAbove(seen, low).map(([name, law, drawn]) => `${name === "uniform" ? "均匀" : "对数均匀"}应有 ${law}，抽到 ${drawn}`).join("；")}。`,
      },
      en: {
        axis: "Axis", linear: "linear", log: "logarithmic", low: "Lower end", size: "Samples", again: "Draw again",
        logUniform: "log-uniform", uniform: "uniform", rate: "learning rate η",
        tell: (seen, { low }) =>
          `Above ${CUT}: ${shareAbove(seen, low).map(([name, law, drawn]) => `${name === "uniform" ? "uniform" : "log-uniform"} should have ${law} and has ${drawn}`).join("; ")}.`,
      },
    },
  });
})(globalThis.Interactive);
