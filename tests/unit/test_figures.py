"""Figures: none leaves without its text alternative, and what is drawn is what was given."""

import base64
import io
import os
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from PIL import Image

from nncourse import figures

pytestmark = pytest.mark.filterwarnings("error")

ALT = "A falling line: the loss\n   gets smaller with every epoch."


@pytest.fixture
def ax():
    with plt.style.context(figures.STYLE):
        figure, ax = plt.subplots()
        yield ax
        plt.close(figure)


@pytest.fixture
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr(
        "IPython.display.display", lambda data, **options: shown.append((data, options))
    )
    return shown


def test_show_displays_one_png_with_its_alternative_and_closes_the_figure(displayed):
    figure, ax = plt.subplots()
    ax.plot([3, 2, 1])
    figures.show(figure, alt=ALT)
    ((data, options),) = displayed
    assert set(data) == {"image/png", "text/plain"}
    assert base64.b64decode(data["image/png"])[:8] == b"\x89PNG\r\n\x1a\n"
    words = "A falling line: the loss gets smaller with every epoch."
    assert data["text/plain"] == options["metadata"]["image/png"]["alt"] == words
    assert not plt.fignum_exists(figure.number)


def test_show_takes_the_current_figure_and_draws_the_same_bytes_twice(displayed):
    for _ in range(2):
        plt.figure()
        plt.plot([1, 2])
        figures.show(alt=ALT)
    assert displayed[0] == displayed[1]
    assert b"matplotlib" not in base64.b64decode(displayed[0][0]["image/png"]).lower()


@pytest.mark.parametrize("alt", ["", "a line", " " * 30, None, 3])
def test_no_figure_without_a_sentence(alt, displayed):
    plt.figure()
    with pytest.raises(ValueError, match="alt must say in a sentence .*what is shown, got"):
        figures.show(alt=alt)
    plt.close("all")
    assert displayed == []


def test_importing_the_figures_leaves_the_session_as_it_is():
    program = (
        "import matplotlib as m; before = dict(m.rcParams); import nncourse.figures as f;"
        "import numpy as np; f.images(np.zeros((1, 4)));"
        "print([k for k in before if before[k] != m.rcParams[k]])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                          env={**os.environ, "MPLBACKEND": "Agg"}, check=True)  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_the_style_has_the_courses_colours():
    with plt.style.context(figures.STYLE):
        cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
        assert [f"#{colour.lstrip('#')}" for colour in cycle] == list(figures.CYCLE)


def test_a_figure_has_two_pixels_for_each_of_the_page(displayed):
    plt.figure(figsize=(4, 3))
    figures.show(alt=ALT)
    ((data, options),) = displayed
    about = options["metadata"]["image/png"]
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.size == (2 * about["width"], 2 * about["height"]) == (880, 660)
    assert image.mode == "P"  # a palette: light


def test_captions_are_numbered_in_order_and_keep_their_number(displayed, monkeypatch):
    monkeypatch.setattr(figures, "_numbers", {})
    for caption in ("The first.", "The second,\n  in two lines.", "The first."):
        plt.figure()
        figures.show(alt=ALT, caption=caption)
    words = [data["text/markdown"] for data, _ in displayed if "text/markdown" in data]
    assert words == ["**Figure 1.** The first.", "**Figure 2.** The second, in two lines.",
                     "**Figure 1.** The first."]  # fmt: skip
    plt.figure()
    with pytest.raises(ValueError, match="caption is empty"):
        figures.show(alt=ALT, caption=" ")
    plt.close("all")


def test_curves(ax):
    figures.curves(ax, {"train": [3, 2, 1], "validation": [3, 3]}, ylabel="loss", log=True)
    first, second = ax.get_lines()
    np.testing.assert_array_equal(first.get_xydata(), [[1, 3], [2, 2], [3, 1]])
    assert second.get_xdata().tolist() == [1, 2]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_yscale()) == ("epoch", "loss", "log")
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["train", "validation"]


def test_curves_differ_without_their_colours(ax):
    figures.curves(ax, {name: [1, 2] for name in "abcde"}, ylabel="loss")
    dashes = [line.get_linestyle() for line in ax.get_lines()]
    assert len(set(dashes)) == 4 and dashes[4] == dashes[0] == "-"
    assert [line.get_linestyle() for line in ax.get_legend().get_lines()] == dashes


def test_a_single_curve_needs_no_legend(ax):
    figures.curves(ax, {"loss": [1, 2]}, ylabel="loss", xlabel="step", start=0)
    assert ax.get_legend() is None and ax.get_lines()[0].get_xdata().tolist() == [0, 1]
    assert ax.get_yscale() == "linear"


def test_a_decision_surface_shows_function_border_and_points(ax):
    X, y = np.array([[0.0, 0], [1, 1]]), np.array([0, 1])
    figures.decision_surface(ax, lambda rows: rows[:, 0], X, y, steps=11)
    (image,) = ax.images
    np.testing.assert_allclose(image.get_array()[3], np.linspace(-0.5, 1.5, 11), atol=1e-12)
    assert image.get_extent() == [-0.5, 1.5, -0.5, 1.5]
    border, *points = ax.collections
    np.testing.assert_allclose(border.get_paths()[0].vertices[:, 0], 0.5)
    assert [p.get_offsets().tolist() for p in points] == [[[0, 0]], [[1, 1]]]
    assert tuple(points[0].get_facecolor()[0]) == to_rgba(figures.BLUE)


def test_a_surface_without_border_or_points(ax):
    figures.decision_surface(ax, lambda rows: 0 * rows[:, 0], np.array([[0.0, 0], [1, 1]]))
    figures.decision_surface(ax, lambda rows: rows[:, 0], np.zeros((1, 2)), border=None)
    assert len(ax.collections) == 0


def test_many_points_are_small(ax):
    figures.points(ax, np.zeros((30, 2)), np.arange(30) % 2)
    figures.points(ax, np.zeros((2, 2)), [0, 1], size=33)
    assert [c.get_sizes()[0] for c in ax.collections] == [8, 8, 33, 33]
    assert [len(c.get_offsets()) for c in ax.collections] == [15, 15, 1, 1]


@pytest.mark.parametrize("titles", [None, list("abc")])
def test_images_are_a_grid_with_shared_limits(titles):
    pictures = np.arange(12.0).reshape(3, 4)
    figure = figures.images(pictures, titles, columns=2)
    drawn = [ax for ax in figure.axes if ax.images]
    assert len(figure.axes) == 4 and len(drawn) == 3
    np.testing.assert_array_equal(drawn[1].images[0].get_array(), [[4, 5], [6, 7]])
    assert {ax.images[0].get_clim() for ax in drawn} == {(0, 11)}
    assert [ax.get_title() for ax in drawn] == (titles or ["", "", ""])
    plt.close(figure)
    figure = figures.images(pictures.reshape(3, 2, 2), limits=(-1, 1))
    assert len(figure.axes) == 3 and figure.axes[0].images[0].get_clim() == (-1, 1)
    assert not figure.axes[0].axison
    plt.close(figure)
    framed = figures.images(pictures.reshape(3, 2, 2), columns=2, frame=True)
    assert [ax.axison for ax in framed.axes] == [True, True, True, False]
    assert all(spine.get_visible() for spine in framed.axes[0].spines.values())
    plt.close(framed)


def test_a_confusion_matrix_colours_the_mistakes_only(ax):
    figures.confusion(ax, [[90, 2], [0, 70]], names=["cat", "dog"])
    np.testing.assert_array_equal(ax.images[0].get_array(), [[0, 2], [0, 0]])
    assert [t.get_text() for t in ax.texts] == ["90", "2", "0", "70"]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["cat", "dog"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    figures.confusion(ax, np.eye(3, dtype=int))
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0", "1", "2"]


def test_a_heatmap_writes_its_numbers_and_leaves_out_what_diverged(ax):
    values = np.array([[90.0, np.nan], [50.0, 97.25]])
    figures.heatmap(ax, values, ["a", "b"], [0.1, 1], xlabel="rate", ylabel="width", title="T")
    assert [t.get_text() for t in ax.texts] == ["90.0", "50.0", "97.2"]
    assert ax.collections[0].get_clim() == (50, 97.25)
    assert ax.patch.get_hatch() == "xx"
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == ("rate", "width", "T")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["0.1", "1"]


def test_a_heatmap_with_limits_of_its_own(ax):
    figures.heatmap(ax, np.eye(2), "ab", "cd", xlabel="x", ylabel="y", limits=(-1, 1), fmt=".0f")
    assert ax.collections[0].get_clim() == (-1, 1) and ax.texts[0].get_text() == "1"


def test_a_network_has_a_circle_for_each_unit_and_an_arrow_for_each_weight(ax):
    figures.network_diagram(ax, [3, 4, 1])
    circles = [p for p in ax.patches if isinstance(p, plt.Circle)]
    assert sorted(c.center[0] for c in circles) == [0, 0, 0, 3, 3, 3, 3, 6]
    words = [t.get_text() for t in ax.texts]
    assert words.count("") == 3 * 4 + 4 * 1  # an arrow is a text without words
    assert [w for w in words if w] == ["3 inputs", "4 units", "1 output"]
    ends = {(t.xyann, t.xy) for t in ax.texts if not t.get_text()}
    assert ((0.25, 1.0), (2.75, -1.5)) in ends and ((3.25, -1.5), (5.75, 0.0)) in ends
    assert not ax.axison


def test_a_wide_layer_is_drawn_with_dots(ax):
    figures.network_diagram(ax, [64, 3], most=5, names=["pixels", "answers"], colours=["r", "b"])
    circles = [p for p in ax.patches if isinstance(p, plt.Circle)]
    assert [c.center for c in circles if c.center[0] == 0] == [(0, 2), (0, 1), (0, 0), (0, -2)]
    assert to_rgba("r") == circles[0].get_facecolor()
    words = [t.get_text() for t in ax.texts]
    assert [w for w in words if w] == ["\N{VERTICAL ELLIPSIS}", "pixels", "answers"]
    assert words.count("") == 4 * 3
    low, high = ax.get_ylim()
    assert low < -2.5 and high > 2


@pytest.mark.parametrize(
    "widths, options, words",
    [
        ([3], {}, r"two or more whole numbers .* got \[3\]"),
        ([3, 0], {}, r"got \[3, 0\]. Write for example \[64, 30, 10\]"),
        ([3, 2.5], {}, "two or more whole numbers"),
        ([3, 2], {"most": 2}, "most must be at least 3 .* got 2"),
        ([3, 2], {"names": ["one"]}, "names must be one for each of the 2 columns, got 1"),
        ([3, 2], {"colours": ["r"] * 3}, "colours must be one for each of the 2 columns, got 3"),
    ],
)
def test_a_network_that_cannot_be_drawn_says_why(ax, widths, options, words):
    with pytest.raises(ValueError, match=words):
        figures.network_diagram(ax, widths, **options)
