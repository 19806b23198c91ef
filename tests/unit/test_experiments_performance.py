"""What the chapter on time reads and draws: found from anywhere, and what was measured."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

from nncourse.experiments import performance


def test_results_are_found_from_any_folder_of_the_repository(tmp_path):
    results = performance.stored_results("chapters")
    assert results == performance.stored_results(tmp_path)  # beside the package
    assert performance.PLAIN in results["grid"]["1"]


def test_where_there_are_none_it_is_said_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(performance, "RESULTS", performance.Path("benchmarks", "nothing.json"))
    with pytest.raises(FileNotFoundError, match="part of the course's repository"):
        performance.stored_results(tmp_path)


def test_the_floor_is_at_one_and_the_slowest_on_top():
    figure = performance.floors_figure({"floor float32": 2.0, "nnlib": 3.0, "loop": 20.0})
    (ax,) = figure.axes
    assert ax.collections[1].get_offsets()[:, 0].tolist() == [10.0, 1.5, 1.0]
    plt.close(figure)


def test_growth_has_a_panel_for_each_and_proportional_growth_beside_it():
    growth = {"rows": {"10": [1.0, 2.0, 3.0], "20": [4.0]}}
    figure = performance.growth_figure(growth, {"rows": 1.0})
    measured, proportional = figure.axes[0].lines
    assert list(measured.get_ydata()) == [2.0, 4.0] == list(proportional.get_ydata())
    plt.close(figure)
