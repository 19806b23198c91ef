"""Each kind of fault in a chapter is caught: one small faulty notebook a fault."""

import base64
import io

import nbformat
import numpy as np
import pytest
from nbformat import v4
from PIL import Image, ImageDraw

from tests.notebooks import pictures, prose, structure
from tools import notebooks

ALT = "A black line that falls from the left to the right."


def png(text="0.0499", size=(320, 200), shift=0, colour=0):
    """Draw a small figure: a line and a label."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.line((20, 20 + shift, 300, 180 + shift), fill=(colour,) * 3, width=2)
    draw.text((200, 30), text, fill="black")
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


def picture(alt=ALT, **how):
    return v4.new_output(
        "display_data",
        {"image/png": png(**how), "text/plain": alt},
        metadata={"image/png": {"alt": alt}},
    )


def printed(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


def result(**data):
    return v4.new_output("display_data", {k.replace("_", "/"): data[k] for k in data})


def notebook(markdown="Text.", outputs=(), source="x = 1", **changes):
    """Return a chapter without a fault, but for what the arguments bring in."""
    code = v4.new_code_cell(source, outputs=[printed("loss 0.0499\n"), *outputs])
    code.execution_count = 1
    cells = [v4.new_markdown_cell("# Title"), v4.new_markdown_cell(markdown), code]
    metadata = {"kernelspec": notebooks.KERNELSPEC, "language_info": notebooks.LANGUAGE}
    return v4.new_notebook(cells=cells, metadata=metadata | changes)


# ---- form ----


@pytest.fixture
def form_faults(tmp_path):
    def check(chapter):
        path = tmp_path / "chapter.ipynb"
        nbformat.write(chapter, path)
        return structure.faults(path)

    return check


def test_a_chapter_without_fault_passes(form_faults):
    assert form_faults(notebook(outputs=[picture()])) == []


@pytest.mark.parametrize(
    ("output", "word"),
    [
        (v4.new_output("error", ename="ValueError", evalue="", traceback=[]), "error"),
        (printed("Traceback (most recent call last):\n"), "traceback"),
        (printed("a message", name="stderr"), "error stream"),
        (printed("RuntimeWarning: overflow in exp"), "warning"),
        (printed("saved to /home/me/weights.npz"), "path"),
        (printed("saved to /Users/me/weights.npz"), "path"),
        (printed(r"saved to C:\me\weights.npz"), "path"),
        (result(text_plain="File /tmp/ipykernel_17/1.py"), "path"),
        (printed("2026-11-21 11:30"), "time stamp"),
        (printed("done at 11:30:02"), "time stamp"),
        (result(text_plain="<Network object at 0x7f12ab34cd>"), "address"),
        (picture(alt="Too short."), "text"),
        (v4.new_output("display_data", {"image/png": png()}), "text"),
        (result(**{"image_svg+xml": "<svg/>"}), "type image/svg+xml"),
        (result(image_jpeg="QQ=="), "type image/jpeg"),
        (
            v4.new_output("display_data", {notebooks.WIDGET_VIEW: {"model_id": "a"}}),
            "widget",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_output_is_caught(form_faults, output, word):
    faults = form_faults(notebook(outputs=[output]))
    assert faults
    assert any(word in fault and "cell 2" in fault for fault in faults)


def test_a_ratio_and_a_formula_are_no_path_or_time(form_faults):
    harmless = printed("dC/db = 3/4, 12:30 runs, 1/var/n, https://host/home/page\n")
    assert form_faults(notebook(outputs=[harmless])) == []


def test_outputs_that_are_missing_or_out_of_order_are_caught(form_faults):
    chapter = notebook()
    chapter.cells[2].outputs = []
    assert any("no cell has an output" in fault for fault in form_faults(chapter))
    chapter = notebook()
    chapter.cells[2].execution_count = None
    assert any("count None, expected 1" in fault for fault in form_faults(chapter))
    chapter = notebook()
    chapter.cells[2].execution_count = 7
    assert any("count 7, expected 1" in fault for fault in form_faults(chapter))


@pytest.mark.parametrize(
    ("chapter", "word"),
    [
        (notebook(source="\n".join(["x = 1"] * 31)), "31 lines"),
        (notebook(source="x = 1  # " + "x" * 80), "89 columns"),
        (notebook(source=""), "empty"),
        (notebook(source="# NBVAL_IGNORE_OUTPUT\nx = 1"), "hides"),
        (notebook(kernelspec={"name": "my-env", "display_name": "x"}), "kernelspec"),
        (notebook(widgets={"states": {}}), "widget"),
        (notebook(outputs=[printed("x" * 1_000_000)]), "bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_form_is_caught(form_faults, chapter, word):
    faults = form_faults(chapter)
    assert any(word in fault for fault in faults)


def test_a_cell_that_hides_from_nbval_and_a_missing_title_are_caught(form_faults):
    chapter = notebook()
    chapter.cells[2].metadata["tags"] = ["nbval-skip"]
    assert any("hides" in fault for fault in form_faults(chapter))
    chapter.cells[0].source = "No title"
    assert any("title" in fault for fault in form_faults(chapter))


# ---- numbers in the prose ----


@pytest.mark.parametrize(
    ("shown", "written"),
    [
        ("loss 0.0499", "The loss is 0.0499."),
        ("loss 0.0499", "(0.0499), 0.0499; **0.0499**: 0.0499"),
        ("1797", "The 1,797 images"),
        ("1,797 images", "The 1797 images"),
        ("60000", "All 60\u202f000 of them, 60\u00a0000, 60,000"),
        ("97.5", "It is 97.5 % or 97.5\u00a0% or 97.5%."),
        ("change -0.25", "It changes by \u22120.25, or -0.25, or by 0.25."),
        ("[0.25, 3]", "From 0.25-3 and 0.25\u20133, 0.25 to 3."),
        ("[1,2,300]", "There are 300 and 1."),
        ("error 1.2e-10", "The error is 1.2e-10."),
        ("12x", "It is 12x as fast."),
        ("<td>0.4</td><td>17</td>", "There is 0.4 and 17."),
        ("0.0499", "> quoted 0.0499\n\n- item 0.0499"),
        ("0.0499", "| a | b |\n|-|-|\n| 0.0499 | x |"),
    ],
)
def test_a_number_that_was_measured_passes(shown, written):
    kind = "text_html" if "<" in shown else "text_plain"
    chapter = notebook(written, [result(**{kind: shown})])
    assert prose.measured_numbers(written)
    assert prose.faults(chapter) == []


@pytest.mark.parametrize(
    ("shown", "written", "number"),
    [
        ("0.0499", "The loss is 0.0498.", "0.0498"),
        ("0.0499", "The loss is 0.050.", "0.050"),
        ("0.0499", "The loss is 0.04990.", "0.04990"),
        ("0.0499", "The loss is 0.049.", "0.049"),
        ("10.0499", "The loss is 0.0498", "0.0498"),
        ("0.975", "It is 97.5 %.", "97.5"),
        ("0.25", "It changes by \u22120.25.", "-0.25"),
        ("1798", "The 1,797 images", "1797"),
        ("float64 L2 x7", "There are 64 and so on.", "64"),
        ("0.3", "In a table:\n\n| a | b |\n|---|---|\n| 0.31 | 0.3 |", "0.31"),
        ("0.3", "- an item with 0.31", "0.31"),
        ("0.3", "A **bold 0.31**.", "0.31"),
        ("0.3", "<details><summary>Answer 0.31</summary>\n\nYes.</details>", "0.31"),
        ("0.3", "<details><summary>Answer</summary>\n\nIt is 0.31.</details>", "0.31"),
        ("0.3", "```{note}\nIt is 0.31.\n```", "0.31"),
        ("0.3", ":::{note}\nIt is 0.31.\n:::", "0.31"),
        ("0.3", "With *italics* and then 0.31.", "0.31"),
        ("0.3", "With $x=1$ and then 0.31 and $y$.", "0.31"),
        ("0.3", "It is 12x as fast.", "12"),
        ("0.3", "After chapter 4, 0.31 remains.", "0.31"),
        ("0.3", "Table 1 shows 0.31.", "0.31"),
        ("0.3", "In chapters 2 and 0.31", "0.31"),
    ],
)
def test_a_number_that_was_not_measured_is_caught(shown, written, number):
    faults = prose.faults(notebook(written, [result(text_plain=shown)]))
    assert len(faults) == 1
    assert repr(number) in faults[0]
    assert "cell 1" in faults[0]


@pytest.mark.parametrize(
    "written",
    [
        "The source says *94.13 %*, and _76.15_ at first.",
        "We set $\\eta = 0.99$ and `epochs=500`.",
        "$$\nx = 3.14\n$$",
        "\\begin{align}\nx &= 3.14\n\\end{align}",
        "```python\nx = 3.14\n```",
        "    x = 3.14",
        "## 3.14 in a heading",
        "3.14 in a heading\n=================",
        "[section 3.14](page-3.14.html), <https://host/3.14>, ![figure 3.14](3.14.png)",
        "{cite}`author1986word` and {doc}`page 3.14`",
        '<p style="margin: 3.14em">text</p> and <span class="x314">text</span>',
        "<p>The source: <em>3.14</em>, <code>3.14</code></p>",
        "The source: <em>3.14</em>, and <code>3.14</code>.",
        "1. first\n2. second\n3. third",
        "L2, float64, W1, ReLU6, 8x8 images, 28×28 pixels, 2-D, 3D, the 3rd.",
        "See chapter 4, figures 2 and 3, step 1, Exercise 2, source 003.",
        "These are equations\n2, 3 and 4, and figures 5, 6\nand 7.",
        "```{math}\nx = 3.14\n```",
        "```{bibliography}\n:filter: 3.14\n```",
        "Words: three layers, half of them.",
    ],
)
def test_what_is_not_measured_is_left_alone(written):
    assert prose.measured_numbers(written) == []


@pytest.mark.parametrize(
    "written",
    ["a rate of $0.03$ is", "from $-1$ to", "`11` MB", "$1,797$ rows", "a `64-50-10` network"],
)
def test_a_number_in_another_typeface_is_caught(written):
    for chapter in (
        notebook(written),
        notebook(f"<details><summary>S</summary>\n\n- {written}\n\n</details>"),
        notebook(source=f'quiz("{written}")'),
    ):
        (fault,) = prose.dressed_numbers(chapter)
        assert "as a plain number" in fault


@pytest.mark.parametrize(
    "written",
    ["$n = 8$", "$10^{-5}$", "$2x$", "`epochs=500`", "`1e-12`", "`(32, 784)`", "a 0.03 b"],
)
def test_formulas_code_and_plain_numbers_stay(written):
    fenced = "```python\nprint(0.5)  # `11`, $11$\n```"
    assert not prose.dressed_numbers(notebook(f"{written}\n\n{fenced}"))
    assert not prose.dressed_numbers(notebook(source=f'quiz("{written}")'))


@pytest.mark.parametrize(
    "typed",
    [
        picture(alt="A curve that ends at the value 0.31 after some epochs."),
        result(text_html='<div class="nn-quiz"><p>Is it 0.31?</p></div>'),
        result(text_html='<div class="nn-static" data-module="x"><p>0.31</p></div>'),
        v4.new_output(
            "display_data",
            {"text/markdown": "**rate = 0.31**", "text/plain": "**rate = 0.31**"},
            metadata={"nnlib": {"typed": True}},
        ),
    ],
)
def test_what_somebody_typed_measures_nothing(typed):
    assert prose.faults(notebook("It ends at 0.31.", [typed]))


# ---- pictures ----


def test_pictures_that_agree_pass(tmp_path):
    assert pictures.compare([picture()], [picture()], tmp_path, "x") == []
    # An edge moved by rounding: a slightly different grey.
    assert pictures.compare([picture()], [picture(colour=9)], tmp_path, "x") == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "change", [{"text": "0.0498"}, {"shift": 3}, {"colour": 128}], ids=str
)
def test_a_changed_picture_is_caught_and_saved(tmp_path, change):
    faults = pictures.compare([picture()], [picture(**change)], tmp_path, "x")
    assert len(faults) == 1
    for kind in ("expected", "actual", "difference"):
        saved = tmp_path / f"x-picture1-{kind}.png"
        assert saved.exists()
        assert str(saved) in faults[0]
    changed = np.asarray(Image.open(tmp_path / "x-picture1-difference.png")) < 255
    assert 0 < changed.mean() < 0.2


def test_a_figure_of_rounding_errors_may_differ_more(tmp_path, form_faults):
    drifted = [picture(text="0.0498")]
    assert pictures.compare([picture()], drifted, tmp_path, "x")
    assert pictures.compare([picture()], drifted, tmp_path, "x", 15) == []
    assert pictures.compare([picture()], [picture(shift=90)], tmp_path, "x", 15)
    assert pictures.compare([picture()], [picture(size=(9, 9))], tmp_path, "x", 15)
    chapter = notebook()
    chapter.cells[2].metadata["nnlib"] = {"figure_tolerance": 99}
    assert any("figure_tolerance" in fault for fault in form_faults(chapter))


def test_another_size_number_or_text_of_pictures_is_caught(tmp_path):
    one, large = [picture()], [picture(size=(330, 200))]
    assert "330 x 200 were drawn" in pictures.compare(one, large, tmp_path, "x")[0]
    assert "2 were drawn" in pictures.compare(one, one * 2, tmp_path, "x")[0]
    assert "0 were drawn" in pictures.compare(one, [], tmp_path, "x")[0]
    other = [picture(alt="Something else is seen in this one.")]
    assert "the text is" in pictures.compare(one, other, tmp_path, "x")[0]


# ---- data, and the clean form ----


def test_a_notebook_says_which_data_it_needs(tmp_path):
    needy = {"nnlib": {"needs": "full MNIST"}}
    assert notebooks.missing_data({}, {}) is None
    assert "NNLIB_DATA" in notebooks.missing_data(needy, {})
    here = {"NNLIB_DATA": str(tmp_path)}
    for number, name in enumerate(notebooks.MNIST_FILES):
        assert "NNLIB_DATA" in notebooks.missing_data(needy, here)
        (tmp_path / (name + ".gz" * (number % 2))).touch()
    assert notebooks.missing_data(needy, here) is None
    with pytest.raises(ValueError, match="full MNIST"):
        notebooks.missing_data({"nnlib": {"needs": "MNIST"}}, here)


def test_a_notebook_says_that_it_needs_the_frameworks(monkeypatch):
    needy = {"nnlib": {"needs": notebooks.FRAMEWORKS}}
    monkeypatch.setattr(notebooks, "FRAMEWORK_PACKAGES", ("json", "no_such_package"))
    reason = notebooks.missing_data(needy, {})
    assert "needs no_such_package" in reason and "make test-frameworks" in reason
    monkeypatch.setattr(notebooks, "FRAMEWORK_PACKAGES", ("json",))
    assert notebooks.missing_data(needy, {}) is None


def test_cleaning_removes_what_differs_from_run_to_run():
    chapter = notebook(outputs=[printed("a"), printed("b")], widgets={"state": 1})
    view = {notebooks.WIDGET_VIEW: {"model_id": "a"}, "text/html": "<p>still</p>"}
    chapter.cells[2].outputs.append(v4.new_output("display_data", view))
    chapter.cells[2].execution_count = 12
    chapter.cells[2].metadata.update(execution={"iopub": "time"}, tags=["hide-cell"])
    chapter.metadata.nnlib = {"needs": "full MNIST"}
    clean = notebooks.clean(chapter)
    assert set(clean.metadata) == {"kernelspec", "language_info", "nnlib"}
    cell = clean.cells[2]
    assert set(cell.metadata) == {"tags", "jupyter"}
    assert cell.execution_count == 1
    assert cell.outputs[0].text == "loss 0.0499\nab"
    assert cell.outputs[1].data == {"text/html": "<p>still</p>"}
    again = nbformat.reads(notebooks.text(clean), as_version=4)
    assert notebooks.text(notebooks.clean(again)) == notebooks.text(clean)


@pytest.mark.parametrize(
    ("tag", "hidden"),
    [
        ("hide-input", {"source_hidden"}),  # the quiz itself, an output, must stay
        ("hide-output", {"outputs_hidden"}),
        ("hide-cell", {"source_hidden", "outputs_hidden"}),
        ("remove-input", set()),
    ],
)
def test_a_notebook_folds_what_the_page_folds(form_faults, tag, hidden):
    chapter = notebook()
    chapter.cells[2].metadata.tags = [tag]
    assert any("not folded" in fault for fault in form_faults(chapter)) == bool(hidden)
    notebooks.clean(chapter)
    assert chapter.cells[2].metadata.get("jupyter", {}) == dict.fromkeys(hidden, True)
    assert form_faults(chapter) == []
    chapter.cells[2].metadata.tags = []
    assert any("not folded" in fault for fault in form_faults(chapter)) == bool(hidden)
    assert "jupyter" not in notebooks.clean(chapter).cells[2].metadata


@pytest.mark.parametrize("kind", ["text/markdown", "image/png"])
def test_cleaning_keeps_what_the_page_shows_instead_of_a_widget(kind):
    view = {notebooks.WIDGET_VIEW: {"model_id": "a"}, kind: "x", "text/plain": "x"}
    clean = notebooks.clean(notebook(outputs=[v4.new_output("display_data", view)]))
    assert set(clean.cells[2].outputs[-1].data) == {kind, "text/plain"}


def test_cleaning_drops_a_live_view_whose_copy_follows_it():
    live, still = {notebooks.WIDGET_VIEW: {"model_id": "a"}}, {"text/html": "<p>still</p>"}
    about = {"nnlib": {"live": True}}
    chapter = notebook(
        outputs=[
            v4.new_output("display_data", live, metadata=about),
            v4.new_output("execute_result", still),
        ]
    )
    (output,) = notebooks.clean(chapter).cells[2].outputs[-1:]
    assert output.data == still
    assert notebooks.WIDGET_VIEW not in str(chapter)


def test_cleaning_refuses_a_widget_that_the_page_cannot_show():
    view = v4.new_output("display_data", {notebooks.WIDGET_VIEW: {"model_id": "a"}})
    with pytest.raises(ValueError, match=r"nncourse\.widgets"):
        notebooks.clean(notebook(outputs=[view]))
