"""The interactive figures compute what notesrc computes at every place of their knobs, and say it."""

import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from py_mini_racer import MiniRacer
from scipy import stats
from scipy.linalg import hadamard

from _ext import cells, interactive
from _ext.rules import INTERACTIVE, SCRIPTS, notebook_faults
from notesrc.activations import relu, tanh
from notesrc.initializers import he_normal, lecun_normal, small_normal, variance_through_depth, xavier_normal
from notesrc.optimizers import SGD, Momentum, minimize
from notesrc.softmax import softmax
from notesrc.tuning import sample_log

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = {
    "depth": "02-initialisation",
    "temperature": "03-logistic-softmax",
    "descent": "06-optimizers",
    "sampling": "11-tuning",
}
HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def engine():
    engine = MiniRacer()
    for name in ["shared", *sorted(INTERACTIVE)]:
        engine.eval((SCRIPTS / f"{name}.js").read_text(encoding="utf8"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def value(engine):
    """The value of an expression in the scripts' own language; doubles arrive with all their digits."""
    return lambda expression: json.loads(engine.eval(f"JSON.stringify({expression})"))


@pytest.fixture(scope="module")
def knobs(value):
    """The places of the knobs of a figure, by name."""

    def places(figure):
        found = value(f"Interactive.figures.{figure}.knobs")
        return {knob["name"]: knob.get("values") or knob["choices"] for knob in found}

    return places


def exact(actual, expected, atol=0.0):
    """Equal but for the last digits; a large double arrives as an integer, which NumPy would not compare."""
    np.testing.assert_allclose(np.asarray(actual, dtype=float), expected, rtol=1e-12, atol=atol)


def notebook(figure):
    path = ROOT / "chapters" / f"{CHAPTERS[figure]}.ipynb"
    return json.loads(path.read_text(encoding="utf8"))["cells"]


def cell(figure, name):
    return next(cell for cell in notebook(figure) if cell["id"] == name)


class Given(np.random.Generator):
    """A generator that draws given numbers: standard ones, scaled and shifted as asked."""

    def __new__(cls, numbers):
        return super().__new__(cls, np.random.PCG64())

    def __init__(self, numbers):
        super().__init__(np.random.PCG64())
        self.numbers = np.asarray(numbers, dtype=float)

    def normal(self, mean, std, shape):
        assert shape == self.numbers.shape
        return mean + std * self.numbers

    def uniform(self, low, high, size):
        assert (size,) == self.numbers.shape
        return low + (high - low) * self.numbers


# Learning rate and momentum


@pytest.fixture(scope="module")
def surfaces():
    """The gradient, the start and the goal of each surface, as the chapter defines them."""
    space = {"np": np, "SGD": SGD, "minimize": minimize, "print": lambda *said: None}
    exec(cells.source(cell("descent", "surfaces-code")), space)
    return {
        "ravine": (space["ravine_grad"], space["RAVINE"], lambda path: space["ravine"](*path.T) < 0.1),
        "saddle": (space["saddle_grad"], space["SADDLE"], lambda path: path[:, 1] > 0.5),
    }


@pytest.mark.parametrize("surface", ["ravine", "saddle"])
def test_paths_and_arrivals_are_those_of_notesrc(value, knobs, surfaces, surface):
    grad, start, arrived = surfaces[surface]
    places = knobs("descent")
    outcomes = set()
    for lr in places["lr"][::3]:
        for gamma in places["gamma"]:
            optimizer = Momentum(lr, gamma) if gamma else SGD(lr)
            path = minimize(optimizer, grad, start, 400)
            call = f"({surface!r}, {lr}, {gamma}"
            exact(value(f"Interactive.models.descent.path{call}, 400)"), path, atol=1e-12)
            lost = np.abs(path[-1]).max() > 100
            late = "diverges" if lost else "late"
            expected = late if lost or not arrived(path).any() else int(arrived(path).argmax())
            assert value(f"Interactive.models.descent.arrival{call})") == expected, (lr, gamma)
            outcomes.add(expected if isinstance(expected, str) else "arrives")
    assert outcomes >= ({"arrives", "diverges", "late"} if surface == "ravine" else {"arrives"})


def test_the_ravine_diverges_beyond_the_limit_of_the_chapter(value):
    for gamma in (0, 0.5, 0.9):
        limit = 2 * (1 + gamma) / 20
        arrival = "Interactive.models.descent.arrival('ravine', {}, {})".format
        assert value(arrival(1.05 * limit, gamma)) == "diverges"
        assert isinstance(value(arrival(0.95 * limit, gamma)), int)


def test_a_path_ends_where_a_number_cannot_hold_it(value):
    path = value("Interactive.models.descent.path('saddle', 5, 0.9, 400)")
    assert len(path) < 401 and np.isfinite(path).all()
    assert value("Interactive.models.descent.arrival('saddle', 5, 0.9)") == "diverges"


def test_the_live_figure_starts_with_the_numbers_that_the_chapter_prints(value):
    printed = "".join("".join(output.get("text", "")) for output in cell("descent", "momentum-figure")["outputs"])
    seen = value("Interactive.figures.descent.see({lr: 0.08, gamma: 0.6})")
    rows = [("SGD", *seen["sgd"]), ("momentum", *seen["momentum"])]
    assert printed == "".join(f"{name:9} ravine {down:3}   saddle {off:3}\n" for name, down, off in rows)
    assert [knob["value"] for knob in value("Interactive.figures.descent.knobs")] == [0.08, 0.6]


# Depth


@pytest.mark.parametrize(
    ("name", "init"), [("small", small_normal), ("Xavier", xavier_normal), ("Xavier", lecun_normal), ("He", he_normal)]
)
def test_the_weights_are_as_large_as_those_of_notesrc(value, name, init):
    n = value("Interactive.models.depth.width")
    exact(value(f"Interactive.models.depth.stds.{name}"), init(n, n, Given(np.ones((n, n))))[0, 0])


def balanced(n):
    """Rows in pairs of opposite sign, orthogonal otherwise: after a ReLU exactly half of the second moment is left."""
    half = hadamard(n // 2)
    return np.block([[half, -half], [-half, half]])


@pytest.mark.parametrize(
    ("activation", "g", "signs", "x"),
    [
        ("linear", lambda z: z, hadamard(256), np.ones(256)),
        ("ReLU", relu, balanced(256), np.repeat([np.sqrt(2), 0], 128)),
    ],
    ids=["linear", "ReLU"],
)
def test_moments_through_depth_are_those_of_notesrc(value, knobs, activation, g, signs, x):
    """Where the weights are ± their standard deviation and orthogonal, the law holds exactly and not on average."""
    places = knobs("depth")
    depth = places["depth"][-1]
    for std in places["std"]:
        init = partial(small_normal, scale=std)
        expected = variance_through_depth(init, g, [256] * depth, x[np.newaxis], Given(signs))
        exact(value(f"Interactive.models.depth.moments({activation!r}, {std!r}, {depth})"), expected)


def test_moments_through_tanh_are_the_expectations_of_notesrcs_tanh(value, knobs):
    nodes, weights = np.polynomial.legendre.leggauss(1200)
    z = 9 * nodes
    law = 9 * weights * stats.norm.pdf(z)
    for std in knobs("depth")["std"]:
        moments = np.array(value(f"Interactive.models.depth.moments('tanh', {std!r}, 100)"))
        before = np.sqrt(256 * std**2 * moments[:-1, np.newaxis])
        exact(moments[1:], tanh(before * z) ** 2 @ law)


def test_networks_of_tanh_follow_the_law(value):
    rng, n, networks = np.random.default_rng(0), 256, 200
    std = value("Interactive.models.depth.stds.He")
    x = np.ones((1, n))  # z is normal given x, so that only E[x²] = 1 counts
    drawn = [variance_through_depth(he_normal, tanh, [n] * 3, x, rng) for _ in range(networks)]
    law = value(f"Interactive.models.depth.moments('tanh', {std!r}, 3)")
    error = np.std(drawn, axis=0) / np.sqrt(networks)
    assert np.all(np.abs(np.mean(drawn, axis=0) - law) <= 4 * error + 1 / n)  # the law is of infinite width


# Temperature


def test_probabilities_are_those_of_notesrc(value, knobs):
    places = knobs("temperature")
    for score in places["score"]:
        z = np.array([score, 2, 1, 0], dtype=float)
        for temperature in places["T"]:
            state = json.dumps({"score": score, "T": temperature})
            exact(value(f"Interactive.figures.temperature.see({state})"), softmax(z / temperature))


def test_scores_of_any_size_have_probabilities(value):
    seen = value("Interactive.models.temperature.softmax([1e308, 0, -1e308, 5], 1)")
    exact(seen, softmax(np.array([1e308, 0, -1e308, 5])))


# Sampling


def test_samples_are_those_of_notesrc(value, knobs):
    places = knobs("sampling")
    for low in places["low"]:
        for size in places["size"]:
            for seed in (1, 2, 77):
                drawn = value(f"Interactive.models.sampling.draws({low}, {size}, {seed})")
                u = np.array(value(f"Interactive.models.sampling.uniforms({seed}, {2 * size})"))
                exact(drawn["uniform"], Given(u[:size]).uniform(low, 1.0, size))
                exact(drawn["logUniform"], sample_log(low, 1.0, size, Given(u[size:])))


def test_random_numbers_are_uniform_and_other_for_another_seed(value):
    drawn = [np.array(value(f"Interactive.models.sampling.uniforms({seed}, 20000)")) for seed in (1, 2)]
    for u in drawn:
        assert stats.kstest(u, "uniform").pvalue > 1e-3
        assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 4 / np.sqrt(len(u))
    assert abs(np.corrcoef(*drawn)[0, 1]) < 4 / np.sqrt(len(drawn[0]))


def test_the_shares_of_the_laws_are_their_integrals(value, knobs):
    for low in knobs("sampling")["low"]:
        share = value(f"Interactive.models.sampling.above({low}, 0.1)")
        exact(share["uniform"], stats.uniform.sf(0.1, low, 1 - low))
        exact(share["logUniform"], stats.loguniform.sf(0.1, low, 1))


@pytest.mark.parametrize("axis", ["linear", "log"])
def test_samples_are_counted_as_numpy_counts_them(value, knobs, axis):
    for low in knobs("sampling")["low"]:
        edges = value(f"Interactive.models.sampling.edges({axis!r}, {low})")
        assert edges[0] == low and edges[-1] == 1
        samples = np.concatenate([sample_log(low, 1, 300, np.random.default_rng(0)), edges])
        shares = value(f"Interactive.models.sampling.shares({samples.tolist()}, {edges})")
        exact(shares, np.histogram(samples, edges)[0] / len(samples))


# All of them


@pytest.mark.parametrize("figure", CHAPTERS)
def test_both_languages_have_the_same_words(value, figure):
    words = f"Interactive.figures.{figure}.words"
    said = value(words)  # a function is no JSON, so these are the labels
    assert value(f"Object.keys({words}.zh)") == value(f"Object.keys({words}.en)")
    assert not HAN.search("".join(said["en"].values()))


@pytest.mark.parametrize("figure", CHAPTERS)
def test_every_knob_starts_at_one_of_its_places_and_has_a_name(value, figure):
    said = value(f"Interactive.figures.{figure}.words")
    for knob in value(f"Interactive.figures.{figure}.knobs"):
        assert knob["value"] in (knob.get("values") or knob["choices"])
        assert all(knob["name"] in said[lang] for lang in cells.LANGUAGES)
        assert knob.get("values", []) == sorted(knob.get("values", []))


@pytest.mark.parametrize("figure", CHAPTERS)
def test_every_state_is_told_in_each_language_without_a_broken_number(value, knobs, figure):
    places = knobs(figure)
    first = {knob["name"]: knob["value"] for knob in value(f"Interactive.figures.{figure}.knobs")}
    states = [{"seed": 1, **first, name: place} for name, every in places.items() for place in every]
    for lang in cells.LANGUAGES:
        tell = f"Interactive.figures.{figure}.words.{lang}.tell"
        said = value(f"{json.dumps(states)}.map((state) => {tell}(Interactive.figures.{figure}.see(state), state))")
        assert not re.search("NaN|undefined|Infinity|null", " ".join(said))
        assert all(bool(HAN.search(text)) == (lang == "zh") for text in said)
        assert len(set(said)) > 1, "no knob changes what is said"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.0884", "0.088"),
        ("1", "1"),
        ("0", "0"),
        ("8.9e-16", "8.9 × 10⁻¹⁶"),
        ("1.13e15", "1.1 × 10¹⁵"),
        ("99999", "100000"),
    ],
)
def test_numbers_are_written_as_in_the_chapters(value, number, text):
    assert value(f"Interactive.number({number})") == text


def test_a_series_grows_by_about_the_same_factor(value):
    series = np.array(value("Interactive.series(0.005, 100)"))
    assert series[0] == 0.005 and series[-1] == 100 and {0.08, 0.1, 1} <= set(series)
    assert np.all((series[1:] / series[:-1] > 1.05) & (series[1:] / series[:-1] < 1.2))


def test_a_page_loads_little():
    sizes = {path.stem: path.stat().st_size for path in SCRIPTS.glob("*.js")}
    sheet = (SCRIPTS.parent / "interactive.css").stat().st_size
    assert sizes["shared"] + max(sizes[name] for name in INTERACTIVE) + sheet < 20_000


# In the notebooks


def test_each_interactive_figure_stands_in_its_chapter():
    found = {}
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        for script in interactive.scripts_by_figure(json.loads(path.read_text(encoding="utf8"))).values():
            found.setdefault(script, []).append(path.stem)
    assert found == {name: [chapter] for name, chapter in CHAPTERS.items()}
    assert set(CHAPTERS) == INTERACTIVE


FIGURE = {"name": "fig-a", "alt": {"zh": "图", "en": "plot"}}


def faults(**metadata):
    drawn = {"output_type": "display_data", "data": {"image/png": "…"}}
    shown = {"cell_type": "code", "id": "c", "source": "x", "outputs": [drawn], "execution_count": 1}
    shown["metadata"] = metadata
    captions = [
        {"cell_type": "markdown", "id": lang, "metadata": {"tags": ["caption", lang]}, "source": text}
        for lang, text in (("zh", "看"), ("en", "See"))
    ]
    title = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": "# 书 · Book"}
    return notebook_faults([title, shown, *captions])


def test_a_known_interactive_figure_is_no_fault():
    assert faults(figure=FIGURE, interactive="descent") == []


@pytest.mark.parametrize("name", ["decent", "shared", "", 3])
def test_an_unknown_interactive_figure_is_refused_at_its_cell(name):
    [fault] = faults(figure=FIGURE, interactive=name)
    assert fault.startswith(f"cell 2 (c): unknown interactive figure {name!r}; known are depth, descent,")


def test_only_a_figure_can_be_interactive():
    assert any("cell 2 (c): interactive, but not a figure" in fault for fault in faults(interactive="descent"))
