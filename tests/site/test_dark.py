"""Figures on a dark page: drawn for it, except where brightness has a meaning."""

import base64
import io
import sys

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from nncourse import figures
from tools.notebooks import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "_ext"))
from nnsite import dark

ALT = "Some figure, so that there is a picture to look at."


def drawn(colour_map):
    figure, ax = plt.subplots()
    if colour_map:
        ax.imshow(np.arange(12).reshape(3, 4), cmap=colour_map)
    else:
        ax.plot([0, 1], color=figures.BLUE)
    data, _ = figures.picture(figure, alt=ALT)
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"])))


def test_white_becomes_the_page_black_its_text_and_a_hue_stays():
    colours = dark.darkened([[255, 255, 255], [0, 0, 0], [0, 114, 178], [128, 128, 128]])
    assert colours[0].tolist() == [18, 18, 18]
    assert colours[1].tolist() == [206, 214, 221]
    assert colours[2].argmax() == 2 and colours[2].min() == colours[2][0]  # still blue
    assert np.ptp(colours[3]) < 20  # still grey


@pytest.mark.parametrize("colour_map", [None, "gray_r", figures.SIGNED, "Reds"])
def test_lines_ink_and_signed_maps_have_a_dark_form(colour_map):
    image = dark.dark_form(drawn(colour_map))
    assert image.convert("RGB").getpixel((1, 1)) == (18, 18, 18)


@pytest.mark.parametrize("colour_map", ["viridis", "magma"])
def test_a_map_whose_brightness_counts_stays_light(colour_map):
    assert dark.dark_form(drawn(colour_map)) is None


def test_only_one_of_the_two_is_shown():
    tag = '<img alt="a" src="../_images/x.png" width="3" />'
    assert dark.with_class(tag, "only-light").startswith('<img class="only-light" alt')
    assert 'class="only-dark b"' in dark.with_class('<img class="b" src="x.png">', "only-dark")
