"""What makes the pages light changes nothing that anybody could see."""

from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from _ext import katex
from _ext.light import picture, size, webp
from _ext.styles import code_classes, flat, names_on, order, plain_code, purge, words_in

PAGE = '<main class="a b" id=c data-open="x"><p lang="zh">text</p></main>'.replace("id=c", 'id="c"')


def test_what_a_page_names():
    assert names_on(PAGE) == {"main", "class", "a", "b", "id", "c", "data-open", "p", "lang"}


def test_what_a_script_could_name():
    assert {"sidebar", "open", "data-theme", "data-open-place"} <= words_in("x.dataset.theme = 'sidebar open'; y.openPlace")


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".a{top:0}", ".a{top:0}"),
        (".z{top:0}", ""),
        (".a .z,.b>p{top:0}", ".b>p{top:0}"),
        ("#c{top:0}#d{top:0}", "#c{top:0}"),
        ("table{top:0}", ""),
        ("[data-open]{top:0}[data-other]{top:0}", "[data-open]{top:0}"),
        ('p[lang="en"]{top:0}', 'p[lang="en"]{top:0}'),  # a script may change the value
        (".a:not(.z){top:0}", ".a:not(.z){top:0}"),
        (".z:not(.a){top:0}", ""),
        (":is(.z,.a) p::before{top:0}", ":is(.z,.a) p::before{top:0}"),
        ("@media print{.a{top:0}.z{top:0}}", "@media print{.a{top:0}}"),
        ("@media print{.z{top:0}}", ""),
        ("/* a */ .a { top : 0 !important ; color : red }", ".a{top:0!important;color:red}"),
        (".a{--x:1;--y:2;top:var( --x )}", ".a{--x:1;top:var( --x )}"),
        (".a{--x:var(--y);--y:2;top:0}", ".a{top:0}"),
        ('.a{content:"} .z{"}', '.a{content:"} .z{"}'),
        ("@font-face{font-family:F;src:url(f.woff2)}", "@font-face{font-family:F;src:url(f.woff2)}"),
        (r".a\:b{top:0}", ""),
    ],
)
def test_a_rule_stays_if_it_could_match(css, kept):
    assert purge(css, names_on(PAGE)) == kept


def test_sheets_are_joined_in_the_order_of_every_page():
    assert order([["theme", "book"], ["theme", "katex", "book"], ["theme", "study", "book"]]) == [
        "theme", "study", "katex", "book",
    ]  # fmt: skip


def test_a_joined_sheet_finds_its_files(tmp_path):
    (tmp_path / "styles").mkdir()
    (tmp_path / "basic.css").write_text(".a{background:url(file.png)}")
    (tmp_path / "styles" / "theme.css").write_text('@import "../basic.css";.b{mask:url("data:x");src:url(x.svg)}')
    joined = flat(tmp_path / "styles" / "theme.css", tmp_path)
    assert joined == '.a{background:url(file.png)}.b{mask:url("data:x");src:url(styles/x.svg)}'


CODE = """html[data-theme="light"] .highlight { background: #fff; color: #080808 }
html[data-theme="light"] .highlight .n { color: #080808 }
html[data-theme="light"] .highlight .p { color: #080808 }
html[data-theme="light"] .highlight .k { color: #6730C5 }
html[data-theme="dark"] .highlight { background: #000; color: #F8F8F2 }
html[data-theme="dark"] .highlight .n { color: #F8F8F2 }
html[data-theme="dark"] .highlight .p { color: #ABE338 }
html[data-theme="dark"] .highlight .k { color: #DCC6E0 }
html[data-theme="light"] .highlight .s1 { color: #00622F }
html[data-theme="light"] .highlight .s { color: #00622F }
html[data-theme="light"] .highlight .o { color: #00622F }
html[data-theme="dark"] .highlight .s1 { color: #ABE338 }
html[data-theme="dark"] .highlight .s { color: #ABE338 }
html[data-theme="dark"] .highlight .o { color: #FFD900 }"""


def in_code(marks: str) -> str:
    return f'<span class="n">n</span><div class="highlight"><pre>{marks}</pre></div>'


def test_classes_of_code_that_look_alike_in_every_theme_are_one():
    assert code_classes(CODE) == {"n": "", "p": "p", "k": "k", "s": "s", "s1": "s", "o": "o"}


def test_code_loses_the_marks_that_no_theme_shows():
    marks = '<span class="k">def</span> <span class="n">f</span><span class="o">.</span><span class="o">+</span>'
    bare = '<span class="k">def</span> f.<span class="o">+</span>'
    assert plain_code(in_code(marks), code_classes(CODE)) == in_code(bare)


def test_what_looks_alike_in_a_row_has_one_mark():
    marks = '<span class="s">f</span><span class="s1">"a</span>\n <span class="s">b"</span>, <span class="s">c</span> <span class="o">+</span>'
    joined = '<span class="s">f"a\n b"</span>, <span class="s">c</span> <span class="o">+</span>'
    assert plain_code(in_code(marks), code_classes(CODE)) == in_code(joined)


def test_editions_that_share_a_folder_work_a_picture_out_once(tmp_path):
    alone, together = (SimpleNamespace(config=SimpleNamespace(pictures=folder)) for folder in ("", str(tmp_path)))
    written = BytesIO()
    Image.new("RGB", (4, 3), "white").save(written, "PNG")
    png = written.getvalue()
    assert picture(alone, png) == picture(together, png) == webp(png)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"from another edition")
    assert picture(together, png) == b"from another edition"


def test_a_picture_keeps_every_shade_within_four_steps_and_white_is_white():
    shades = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    shades[0] = 255
    written = BytesIO()
    Image.fromarray(shades).save(written, "PNG")
    light = np.asarray(Image.open(BytesIO(webp(written.getvalue()))).convert("RGB")).astype(int)
    assert np.abs(light - shades).max() <= 4 and (light[0] == 255).all()
    assert size(written.getvalue()) == (60, 40)


@pytest.mark.parametrize(
    ("style", "name", "rule"),
    [
        ("height:0.5806em;vertical-align:-0.15em;", "kh_5806v-_15", "height:.5806em!important;vertical-align:-.15em!important"),
        ("top:-2.55em;margin-left:0em;margin-right:0.05em;", "kt-2_55r_05", "top:-2.55em!important;margin-right:.05em!important"),
        ("position:relative;top:0em;", "kz1t0", "position:relative!important;top:0em!important"),
    ],
)
def test_a_style_of_a_formula_becomes_a_class(style, name, rule):
    assert katex.style_class(style) == name
    assert katex.style_rules(f'<span class="vlist {name} katex">') == f".{name}{{{rule}}}"
    assert katex.style_rules(f'"<span class=\\"{name}\\">"') == f".{name}{{{rule}}}"  # in the cards' scripts


def test_what_every_index_repeats_is_said_once_by_a_rule():
    drawn = katex.render("x_1^{y_2}")
    assert not any(name in drawn for name in ("vlist-s", "katex-sizing", "reset-size"))
    css, _ = katex.style_sheet(drawn)
    for rule in ('.vlist-t2>.vlist-r:first-child::after{content:"\u200b";', ".ks_7{font-size:.7em!important}"):
        assert rule in css, css


def test_an_unknown_style_of_a_formula_is_an_error():
    with pytest.raises(katex.TexError, match="color:red"):
        katex.style_class("color:red")


@pytest.mark.parametrize("tex", [r"\frac{1}{2}", r"\sqrt{x_1^2}", r"\overrightarrow{AB}", r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"])
def test_a_formula_carries_no_style_and_no_tex(tex):
    drawn = katex.render(tex, True)
    assert " style=" not in drawn and "annotation" not in drawn and "<math" in drawn


def test_a_font_keeps_what_is_written_in_it():
    drawn = katex.render(r"\mathbf{wB} + \mathbb{E}[x]")
    assert katex.own_characters("KaTeX_Main-Bold.woff2", drawn) == {"w", "B"}
    assert katex.own_characters("KaTeX_AMS-Regular.woff2", drawn) == {"E"}
    assert katex.own_characters("KaTeX_Main-Regular.woff2", drawn) == set()  # asked for in many ways: all that is written
