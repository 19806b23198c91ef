"""The training player on a page without a kernel: by mouse, touch and keyboard."""

import re
from functools import cache
from urllib.parse import unquote

import numpy as np
import pytest

import nnlib
from nncourse.widgets import TrainingPlayer, player, problems


@cache
def nnlib_run(name, **changes):
    """The history of the same training, done by nnlib."""
    player = TrainingPlayer(name)
    recipe = player.settings["recipe"] | changes
    problem = problems.PROBLEMS[name]()
    return nnlib.fit(
        problems.start_network(problem.plan, recipe["seed"]),
        *problem.train,
        loss=problem.loss,
        optimizer=nnlib.SGD(recipe["rate"], momentum=recipe["momentum"]),
        regularizer=nnlib.L2(recipe["l2"]) if recipe["l2"] else None,
        epochs=player.settings["epochs"],
        batches=problems.batches(len(problem.train[1]), recipe["batch"], recipe["seed"]),
        monitor={"train": problem.train},
        validation=problem.validation,
        progress=False,
    )


def test_a_grey_value_that_rounding_moved_is_the_same_on_the_page():
    below = 16 * np.nextafter(15 / 16, 0)  # as another processor may have it
    assert below < 15 and player._stored(np.array([below, 0]), "uint8").tolist() == [15, 0]
    assert player._stored(np.array([0.7]), "float32")[0] == np.float32(0.7)


@pytest.fixture(scope="module")
def address(site_of, serve):
    """The same page over http and from a folder."""
    folder = site_of(*[TrainingPlayer(name) for name in ("noisy_xor", "digits", "xor")])
    return {"http": serve(folder), "file": (folder / "index.html").as_uri()}


def figure(page, which=0):
    """One figure of the page, ready."""
    shown = page.locator(".nn-static").nth(which)
    shown.scroll_into_view_if_needed()
    shown.locator(".nn[data-epoch]").wait_for()
    return shown


def chart_of(shown):
    """Where the chart is, scrolled to."""
    chart = shown.locator(".nn-chart")
    chart.scroll_into_view_if_needed()
    return chart.bounding_box()


def press(shown, name):
    shown.get_by_role("button", name=name, exact=True).click()


def one_by_one(shown, epochs):
    for _ in range(epochs):
        press(shown, "One epoch")


def train_all(shown):
    shown.get_by_label("Speed").select_option("as fast as it goes")
    shown.get_by_role("button", name=re.compile("^(Start|Continue)$")).click()
    shown.locator(".nn-line", has_text="epochs are done").wait_for()


def numbers(shown):
    """Losses as written in the table: training, validation."""
    cells = shown.locator(".nn-numbers output").all_inner_texts()
    return [float(cells[0]), float(cells[2])]


def expected(history, epoch):
    return [round(history[f"{part}_loss"][epoch - 1], 3) for part in ("train", "validation")]


def slide(shown, label, steps, start="Home"):
    """Move a slider by keys alone."""
    slider = shown.get_by_role("slider", name=label, exact=True)
    slider.focus()
    slider.press(start)
    for _ in range(steps):
        slider.press("ArrowRight")


def stopped_early(page, patience):
    """The first figure of the page, trained until early stopping ends it."""
    shown = figure(page)
    press(shown, "Skip")
    shown.get_by_label("Early stopping").select_option(f"patience {patience}")
    shown.get_by_label("Speed").select_option("as fast as it goes")
    press(shown, "Start")
    shown.locator(".nn-line", has_text="Early stopping stops here").wait_for()
    return shown


def in_training(page, epoch):
    """The first figure of the page, which has come to this epoch and goes on."""
    shown = figure(page)
    press(shown, "Skip")
    press(shown, "Start")
    page.wait_for_function(f"Number(document.querySelector('.nn').dataset.epoch) >= {epoch}")
    return shown


def done_goals(shown):
    return shown.locator(".nn-goals li[data-done]").count()


@pytest.mark.parametrize("way", ["http", "file"])
def test_bet_train_and_compare_by_mouse(open_page, address, way):
    page = open_page(address[way])
    shown = figure(page)
    assert shown.get_by_role("button", name="Start", exact=True).count() == 0  # bet first
    picture = shown.locator("canvas").evaluate("one => one.toDataURL()")
    page.wait_for_timeout(300)
    assert shown.locator("canvas").evaluate("one => one.toDataURL()") == picture
    chart = chart_of(shown)
    page.mouse.click(chart["x"] + 46 + (chart["width"] - 62) * 0.3, chart["y"] + 100)
    assert shown.get_by_label("Your bet", exact=True).input_value() == "60"
    press(shown, "Place the bet")
    train_all(shown)
    history = nnlib_run("noisy_xor")
    best = history.best("validation_loss")
    line = shown.locator(".nn-line").inner_text()
    assert f"You bet on epoch 60. The validation loss was lowest at epoch {best}" in line
    assert f"Your epoch: {history['validation_loss'][59]:.3f}" in line
    train = [f"{history['train_loss'][epoch - 1]:.3f}" for epoch in (best, 60)]
    assert f"although the training loss fell from {train[0]} to {train[1]}" in line
    assert numbers(shown) == expected(history, 200)
    assert shown.get_by_role("button", name="Continue").get_attribute("aria-disabled") == "true"


def test_every_epoch_is_reached_by_keys_alone(open_page, address):
    page = open_page(address["file"])
    shown = figure(page)
    slide(shown, "Your bet", 4)
    page.keyboard.press("Tab")  # to bet and start
    page.keyboard.press("Tab")  # to bet alone
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # from Start to One step
    page.keyboard.press("Enter")
    assert "1 of 3 batches" in shown.locator("caption").inner_text()
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("Enter")
    history = nnlib_run("noisy_xor")
    assert numbers(shown) == expected(history, 3)
    slide(shown, "Epoch shown", 1)
    assert numbers(shown) == expected(history, 1)
    shown.get_by_text("Epoch 1: training loss").wait_for(state="attached")  # announced


def test_goals_tick_themselves_off(open_page, address):
    shown = figure(open_page(address["file"]))
    press(shown, "Skip")
    train_all(shown)
    assert done_goals(shown) == 0
    best = nnlib_run("noisy_xor").best("validation_loss")
    slide(shown, "Epoch shown", best)
    assert done_goals(shown) == 1
    slide(shown, "Epoch shown", best + 5)
    shown.get_by_label("Preset").select_option("with an L2 penalty")
    assert "0.01" in shown.get_by_label("L2 strength").locator("option:checked").text_content()
    train_all(shown)
    assert done_goals(shown) == 2
    # What was trained before stays in sight, to compare.
    assert shown.locator(".nn-curve").count() == 3
    assert "L2 0," in shown.locator(".nn-left").inner_text()
    press(shown, "Forget them")
    assert shown.locator(".nn-curve").count() == 2


def test_one_press_bets_and_moves_the_inside(open_page, address):
    page = open_page(address["file"])
    shown = figure(page)
    thick = """one => [...one.querySelectorAll('.nn-weight')]
      .map((weight) => weight.getAttribute('stroke-width'))"""
    before = shown.evaluate(thick)
    assert len(before) == 2 * 8 + 8 * 8 + 8
    press(shown, "Bet and start")
    page.wait_for_function("Number(document.querySelector('.nn').dataset.epoch) > 2")
    assert shown.evaluate(thick) != before


def test_when_training_ends_the_focus_stays(open_page, address):
    page = open_page(address["file"])
    shown = figure(page)
    press(shown, "Skip")
    shown.get_by_label("Speed").select_option("as fast as it goes")
    shown.get_by_role("button", name="Start", exact=True).press("Enter")
    shown.locator(".nn-line", has_text="epochs are done").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Continue"
    page.keyboard.press("Enter")  # and does nothing more
    assert shown.locator(".nn").get_attribute("data-epoch") == "200"


def test_a_first_run_that_ended_early_is_not_to_be_beaten(open_page, address):
    shown = figure(open_page(address["file"]))
    press(shown, "Skip")
    one_by_one(shown, 10)
    press(shown, "Branch here")
    one_by_one(shown, 3)
    losses = nnlib_run("noisy_xor")["validation_loss"]
    assert losses[:13].min() < losses[:10].min()  # any network that goes on is better
    assert done_goals(shown) == 0
    assert "give it more epochs, then branch" in shown.locator(".nn-line").inner_text()


def test_a_verdict_waits_until_the_best_is_known(open_page, address):
    shown = figure(open_page(address["file"]))
    slide(shown, "Your bet", 4)
    press(shown, "Place the bet")
    one_by_one(shown, 5)
    losses = nnlib_run("noisy_xor")["validation_loss"][:5]
    assert losses.argmin() == 4
    line = shown.locator(".nn-line")
    truth = f"The validation loss is so far lowest at epoch 5 ({losses[4]:.3f})."
    assert line.inner_text() == f"You bet on epoch 5. {truth}"
    train_all(shown)
    assert "You bet on epoch 5. The validation loss was lowest at epoch 38" in line.inner_text()


def test_back_behind_a_branch_and_on_from_there(open_page, address):
    page = open_page(address["http"])
    shown = figure(page)
    press(shown, "Skip")
    one_by_one(shown, 8)
    slide(shown, "Epoch shown", 6)
    press(shown, "Branch here")
    slide(shown, "Learning rate", 3)
    press(shown, "One epoch")
    history = nnlib_run("noisy_xor")
    branch = numbers(shown)
    assert branch != expected(history, 7)
    slide(shown, "Epoch shown", 3)  # the first run again
    line = shown.locator(".nn-line")
    assert "This is the first run." in line.inner_text()
    assert numbers(shown) == expected(history, 3)
    press(shown, "One epoch")
    assert "branch here to go another way" in line.inner_text()
    assert shown.locator(".nn").get_attribute("data-epoch") == "3"
    press(shown, "Branch here")
    slide(shown, "Learning rate", 6)  # as the first run
    press(shown, "One epoch")
    assert numbers(shown) == expected(history, 4)
    press(shown, "Next curve")
    assert shown.locator(".nn").get_attribute("data-epoch") == "8"
    assert numbers(shown) == expected(history, 8)
    press(shown, "One epoch")
    assert numbers(shown) == expected(history, 9)
    press(shown, "Next curve")
    assert "This is the branch from epoch 6." in line.inner_text()
    assert numbers(shown) == branch
    press(shown, "Link to this state")
    shown.get_by_text("stands in the address bar").wait_for()
    again = figure(open_page(page.url))
    again.locator(".nn[data-restored]").wait_for()
    assert numbers(again) == branch
    curves = [
        [one.locator(".nn-curve").nth(k).get_attribute("points") for k in range(6)]
        for one in (shown, again)
    ]
    assert curves[0] == curves[1]


def test_four_curves_are_enough_and_that_is_said(open_page, address):
    shown = figure(open_page(address["file"]))
    press(shown, "Skip")
    press(shown, "One epoch")
    for _ in range(4):
        press(shown, "Branch here")
    said = shown.get_by_role("status").filter(has_text="4 curves are enough")
    said.wait_for(state="attached")
    assert shown.locator(".nn-curve").count() == 8


def test_early_stopping_switched_on_late_takes_nothing_away(open_page, address):
    page = open_page(address["file"])
    shown = in_training(page, 50)
    shown.get_by_label("Early stopping").select_option("patience 5")  # while it runs
    page.wait_for_timeout(200)
    press(shown, "Pause")
    frame, line = shown.locator(".nn"), shown.locator(".nn-line")
    epoch = int(frame.get_attribute("data-epoch"))
    assert epoch >= 50 and "early stop: " in shown.locator(".nn-chart").text_content()
    shown.get_by_label("Early stopping").select_option("patience 10")
    press(shown, "Continue")
    page.wait_for_function(f"Number(document.querySelector('.nn').dataset.epoch) > {epoch} + 2")
    assert "stops here" not in line.inner_text()


def test_a_rate_changed_within_an_epoch_is_in_the_link(open_page, address):
    page = open_page(address["http"])
    shown = figure(page)
    press(shown, "Skip")
    press(shown, "One step")
    slide(shown, "Learning rate", 9)
    press(shown, "One epoch")
    assert numbers(shown) == expected(nnlib_run("noisy_xor"), 1)
    press(shown, "One epoch")
    assert shown.locator(".nn-numbers caption").inner_text().endswith("0.5")
    press(shown, "Link to this state")
    shown.get_by_text("stands in the address bar").wait_for()
    again = figure(open_page(page.url))
    again.locator(".nn[data-restored]").wait_for()
    assert numbers(again) == numbers(shown)


def test_a_branch_of_a_gate_is_about_its_corners(open_page, address):
    shown = figure(open_page(address["file"]), 2)
    press(shown, "Place the bet")
    one_by_one(shown, 10)
    press(shown, "Branch here")
    line = shown.locator(".nn-line")
    assert "Not all corners are right yet." in line.inner_text()
    train_all(shown)
    solved = int(np.argmax(nnlib_run("xor")["train_accuracy"] == 1)) + 1
    assert line.inner_text().endswith(f"All corners are right from epoch {solved}.")
    assert "bet" not in line.inner_text()


def test_early_stopping_finds_the_best_epoch_too(open_page, address):
    shown = stopped_early(open_page(address["file"]), 5)
    stop = int(shown.locator(".nn").get_attribute("data-epoch"))
    assert done_goals(shown) == 0
    slide(shown, "Epoch shown", stop - 5)
    assert done_goals(shown) == 1


def test_going_back_and_on_gives_the_same_curve(open_page, address):
    shown = figure(open_page(address["file"]))
    press(shown, "Skip")
    train_all(shown)
    curve = shown.locator(".nn-curve").nth(1)
    straight = curve.get_attribute("points")
    slide(shown, "Epoch shown", 20)
    press(shown, "Continue")
    shown.locator(".nn-line", has_text="epochs are done").wait_for()
    assert curve.get_attribute("points") == straight
    press(shown, "Back to the start")
    assert shown.locator(".nn").get_attribute("data-epoch") == "0"
    press(shown, "Start")
    shown.locator(".nn-line", has_text="epochs are done").wait_for()
    assert curve.get_attribute("points") == straight


def test_pause_and_a_new_rate_while_it_runs(open_page, address):
    page = open_page(address["http"])
    shown = in_training(page, 3)
    slide(shown, "Learning rate", 3)  # 0.01, while it runs
    page.wait_for_function("document.querySelector('caption').textContent.endsWith('0.01')")
    press(shown, "Pause")
    epoch = shown.locator(".nn").get_attribute("data-epoch")
    page.wait_for_timeout(300)
    assert shown.locator(".nn").get_attribute("data-epoch") == epoch
    press(shown, "Link to this state")
    shown.get_by_text("stands in the address bar").wait_for()
    again = figure(open_page(page.url))
    again.locator(".nn[data-restored]").wait_for()
    curves = [one.locator(".nn-curve").nth(1).get_attribute("points") for one in (shown, again)]
    assert curves[0] == curves[1]


def test_a_pause_ends_the_epoch_so_that_a_link_repeats_it(open_page, address):
    page = open_page(address["http"])
    shown = figure(page, 1)  # 15 batches an epoch
    press(shown, "Skip")
    for rate in (6, 3, 9):
        shown.get_by_role("button", name=re.compile("Start|Continue")).click()
        page.wait_for_timeout(130)
        press(shown, "Pause")
        assert "batches" not in shown.locator("caption").inner_text()
        slide(shown, "Learning rate", rate)
    press(shown, "One epoch")
    press(shown, "Link to this state")
    shown.get_by_text("stands in the address bar").wait_for()
    again = figure(open_page(page.url), 1)
    again.locator(".nn[data-restored]").wait_for()
    curves = [one.locator(".nn-curve").nth(1).get_attribute("points") for one in (shown, again)]
    assert curves[0] == curves[1]


def test_who_comes_back_to_the_page_finds_it_going_on_not_catching_up(open_page, address):
    page = open_page(address["file"])
    in_training(page, 2)
    epochs = page.evaluate(
        """async () => {
          const end = performance.now() + 4000; // no frame meanwhile, as in the background
          while (performance.now() < end);
          const epoch = () => Number(document.querySelector(".nn").dataset.epoch);
          const before = epoch();
          await new Promise((resolve) => setTimeout(resolve, 400));
          return epoch() - before;
        }"""
    )
    assert epochs <= 20  # 8 at 20 a second; 80 more would be due


@pytest.mark.parametrize("width", [360, 780])
def test_nothing_jumps_while_it_trains(open_page, address, width):
    page = open_page(address["file"], viewport={"width": width, "height": 740})
    shown = figure(page)
    press(shown, "Skip")
    press(shown, "Start")
    heights = page.evaluate(
        """async () => {
          const figure = document.querySelector(".nn");
          const [heights, epochs] = [new Set(), new Set()];
          while (Number(figure.dataset.epoch) < 15) {
            heights.add(figure.offsetHeight);
            epochs.add(figure.querySelector("caption").textContent.includes("batches"));
            await new Promise(requestAnimationFrame);
          }
          return [heights.size, epochs.size];
        }"""
    )
    assert heights == [1, 2]  # with batches and without


def test_early_stopping_stops_where_nnlib_would(open_page, address):
    shown = stopped_early(open_page(address["file"]), 20)
    losses = nnlib_run("noisy_xor")["validation_loss"]
    since = [epoch - losses[: epoch + 1].argmin() for epoch in range(len(losses))]
    stop = 1 + int(np.argmax(np.array(since) >= 20))
    assert f"early stop: {stop}" in shown.locator(".nn-chart").text_content()
    assert int(shown.locator(".nn").get_attribute("data-epoch")) == stop


def test_a_link_brings_the_state_back(open_page, address):
    page = open_page(address["http"])
    shown = figure(page)
    press(shown, "Place the bet")
    train_all(shown)
    slide(shown, "Epoch shown", 10)
    press(shown, "Branch here")
    slide(shown, "Learning rate", 9)
    one_by_one(shown, 5)
    before = [numbers(shown), shown.locator(".nn-line").inner_text()]
    curves = [shown.locator(".nn-curve").nth(k).get_attribute("points") for k in range(4)]
    press(shown, "Link to this state")
    shown.get_by_text("stands in the address bar").wait_for()
    link = page.url
    assert len(link) < 400
    again = figure(open_page(link))
    again.locator(".nn[data-restored]").wait_for()
    assert numbers(again) == before[0]
    assert before[1].split("Best")[-1] in again.locator(".nn-line").inner_text()
    assert curves == [again.locator(".nn-curve").nth(k).get_attribute("points") for k in range(4)]
    assert "epoch 100" in again.get_by_label("Your bet", exact=True).get_attribute("aria-valuetext")


def test_a_branch_of_a_branch_in_a_link_and_another_link_after_it(open_page, address):
    page = open_page(address["http"])
    shown = figure(page)
    press(shown, "Skip")
    one_by_one(shown, 8)
    for rate, back, epochs in [(10, 4, 8), (3, 2, 3)]:  # the second from epoch 10 of the first
        slider = shown.get_by_role("slider", name="Epoch shown", exact=True)
        for _ in range(back):
            slider.press("ArrowLeft")
        press(shown, "Branch here")
        slide(shown, "Learning rate", rate)
        for _ in range(epochs):
            press(shown, "One epoch")

    def curves(one):
        return [one.locator(".nn-curve").nth(k).get_attribute("points") for k in range(6)]

    press(shown, "Link to this state")
    shown.get_by_text("stands in the address bar").wait_for()
    link = page.url
    assert "~1.10-13@10:0.01" in unquote(link)
    other = open_page(link)
    again = figure(other)
    again.locator(".nn[data-restored]").wait_for()
    assert curves(again) == curves(shown)
    assert numbers(again) == numbers(shown)
    # Another link in the same tab, and back to the first.
    other.evaluate("location.hash = 'figure=noisy_xor&bet=20&seed=2&runs=0-3@0:0.5&at=3'")
    again.locator(".nn[data-epoch='3']").wait_for()
    assert numbers(again) == expected(nnlib_run("noisy_xor", seed=2, rate=0.5), 3)
    other.go_back()
    again.locator(".nn[data-epoch='13']").wait_for()
    assert curves(again) == curves(shown)


def test_of_two_players_that_are_the_same_each_has_its_own_link(open_page, site_of):
    folder = site_of(*[TrainingPlayer(name) for name in ("xor", "noisy_xor", "xor")])
    address = (folder / "index.html").as_uri()
    page = open_page(address)
    names = {}
    for which in (2, 0):  # the order in which they are seen does not count
        shown = figure(page, which)
        press(shown, "Skip")
        press(shown, "One epoch")
        press(shown, "Link to this state")
        shown.get_by_text("stands in the address bar").wait_for()
        names[which] = page.evaluate("location.hash.split('&')[0]")
    assert names == {0: "#figure=xor", 2: "#figure=xor-2"}  # the first as if it were alone
    again = open_page(f"{address}{names[2]}&bet=skipped&runs=0-3@0:0.5&at=3")
    again.locator(".nn-static").nth(2).locator(".nn[data-restored]").wait_for()
    figure(again, 0)
    assert again.locator(".nn[data-restored]").count() == 1
    assert again.locator(".nn[data-restored]").get_attribute("data-epoch") == "3"


def test_a_link_leads_to_its_figure(open_page, address):
    page = open_page(address["http"] + "#figure=xor&bet=skipped&runs=0-4@0:0.5&at=4")
    page.locator(".nn[data-restored]").wait_for()
    page.wait_for_function("document.querySelectorAll('.nn-static')[2].dataset.ready")
    page.wait_for_function("scrollY > 300")
    assert abs(page.locator(".nn-static").nth(2).bounding_box()["y"]) < 200
    assert page.locator(".nn[data-restored]").get_attribute("data-epoch") == "4"


def test_the_answer_waits_for_the_bet(open_page, address):
    page = open_page(address["file"])
    shown = figure(page)
    answer = shown.locator(":text('tells when to stop'):visible")
    assert answer.count() == 0
    page.emulate_media(media="print")
    assert answer.count() == 1
    page.emulate_media(media="screen")
    press(shown, "Place the bet")
    assert answer.count() == 1


def test_a_link_that_makes_no_sense_does_no_harm(open_page, address):
    link = address["http"] + "#figure=noisy_xor&rate=1e9&seed=x&bet=-3&at=9e9&runs=7-3@q~0-1"
    shown = figure(open_page(link))
    shown.locator(".nn[data-restored]").wait_for()
    press(shown, "Skip")
    press(shown, "One epoch")
    assert numbers(shown) == expected(nnlib_run("noisy_xor"), 1)


def test_by_touch_on_a_narrow_screen(open_page, address):
    page = open_page(address["http"], viewport={"width": 360, "height": 740}, has_touch=True)
    shown = figure(page)
    chart = chart_of(shown)
    page.touchscreen.tap(chart["x"] + chart["width"] / 2, chart["y"] + 80)
    bet = int(shown.get_by_label("Your bet", exact=True).input_value())
    assert 80 < bet < 110
    shown.get_by_role("button", name="Place the bet").tap()
    shown.get_by_role("button", name="One epoch").tap()
    assert numbers(shown) == expected(nnlib_run("noisy_xor"), 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_is_said_stands_by_the_button(open_page, address):
    """On a projector, too: chart, button and words on one screen of 720 pixels."""
    page = open_page(address["file"], viewport={"width": 780, "height": 720})
    shown = figure(page)
    press(shown, "Place the bet")
    train_all(shown)
    button = shown.get_by_role("button", name="Back to the start")
    at = button.bounding_box()["y"]
    chart, line = (shown.locator(one).bounding_box() for one in (".nn-chart", ".nn-line"))
    assert 0 < line["y"] - at < 80
    assert chart["y"] + chart["height"] - at < 600
    height = shown.locator(".nn").bounding_box()["height"]
    slide(shown, "Epoch shown", 5)
    assert shown.locator(".nn").bounding_box()["height"] == height  # two lines are kept free


def test_divergence_is_named(open_page, address):
    shown = figure(open_page(address["file"]), 1)
    press(shown, "Skip")
    shown.get_by_label("Preset").select_option("far too large a learning rate")
    press(shown, "Start")
    shown.locator(".nn-line", has_text="diverge").wait_for()
    assert "Lower the learning rate" in shown.locator(".nn-line").inner_text()
    assert "NaN" not in shown.inner_text()


def test_after_divergence_a_lower_rate_goes_on(open_page, address):
    shown = figure(open_page(address["file"]), 1)
    line = shown.locator(".nn-line")
    press(shown, "Skip")
    shown.get_by_label("Preset").select_option("far too large a learning rate")
    shown.locator("summary").first.click()
    shown.get_by_label("L2 strength").select_option("0.1")
    shown.get_by_label("Speed").select_option("as fast as it goes")
    press(shown, "Start")
    shown.locator(".nn-line", has_text="Training diverges: at epoch").wait_for()
    press(shown, "Continue")
    shown.locator(".nn-line", has_text="Training diverged in epoch").wait_for()
    epoch = int(shown.locator(".nn").get_attribute("data-epoch"))
    press(shown, "One epoch")
    assert "Training diverged in epoch" in line.inner_text()  # it would again
    slide(shown, "Learning rate", 3)  # 0.01
    press(shown, "One epoch")
    assert shown.locator(".nn").get_attribute("data-epoch") == str(epoch + 1)
    assert "diverged" not in line.inner_text()


def test_divergence_halts_at_the_same_epoch_at_any_speed(open_page, address):
    shown = figure(open_page(address["file"]))
    press(shown, "Skip")
    slide(shown, "Learning rate", 13)  # 10
    press(shown, "Back to the start")
    start = numbers(shown)[0]
    losses = nnlib_run("noisy_xor", rate=10)["train_loss"]
    away = 1 + int(np.argmax(losses > 5 * start))
    for speed in ("as fast as it goes", "slow"):
        shown.get_by_label("Speed").select_option(speed)
        press(shown, "Start")
        shown.locator(".nn-line", has_text="diverge").wait_for()
        assert f"at epoch {away} the loss is" in shown.locator(".nn-line").inner_text()
        assert shown.locator(".nn").get_attribute("data-epoch") == str(away)
        press(shown, "Back to the start")


def test_digits_and_gates_agree_with_nnlib(open_page, address):
    page = open_page(address["http"])
    for which, name in [(1, "digits"), (2, "xor")]:
        shown = figure(page, which)
        press(shown, "Skip")
        train_all(shown)
        history = nnlib_run(name)
        assert numbers(shown) == expected(history, history.epochs)
    solved = int(np.argmax(history["train_accuracy"] == 1)) + 1
    assert f"right from epoch {solved}" in shown.locator(".nn-line").inner_text()
    assert done_goals(shown) == 1  # solved, but not within 20 epochs
    assert solved > 20
    shown.get_by_label("Preset").select_option("with momentum")
    press(shown, "Start")
    shown.locator(".nn-line", has_text="epochs are done").wait_for()
    assert done_goals(shown) == 2


def test_dark_pages_reduced_motion_and_paper(open_page, address):
    page = open_page(address["file"], reduced_motion="reduce", color_scheme="dark")
    shown = figure(page)
    frame = shown.locator(".nn")
    assert frame.get_attribute("data-dark") == "false"  # the page itself is white
    page.evaluate("document.body.style.background = '#121212'")
    page.wait_for_function("document.querySelector('.nn').dataset.dark === 'true'")
    press(shown, "Skip")
    train_all(shown)
    assert numbers(shown) == expected(nnlib_run("noisy_xor"), 200)
    page.emulate_media(media="print")
    assert not shown.locator(".nn-controls").is_visible()
    assert shown.locator(".nn-caption").is_visible()


def test_the_bet_is_kept_over_a_reload_and_can_be_placed_again(open_page, address):
    page = open_page(address["http"])
    press(figure(page), "Place the bet")
    page.reload()
    shown = figure(page)
    offer = shown.get_by_role("button", name="Place the bet", exact=True)
    shown.get_by_role("button", name="Start", exact=True).wait_for()
    assert not offer.is_visible()
    press(shown, "Bet again")
    assert offer.is_visible()
    page.reload()
    figure(page).get_by_role("button", name="Place the bet", exact=True).wait_for()


def test_answers_at_once(open_page, address, measured):
    shown = figure(open_page(address["file"]))
    press(shown, "Skip")
    train_all(shown)
    # Another load on the machine only ever slows this down: the quickest round counts.
    medians = shown.get_by_label("Epoch shown", exact=True).evaluate(
        """(slider) => [0, 1, 2, 3, 4].map(() => {
          const times = Array.from({ length: 21 }, (_, k) => {
            const start = performance.now();
            slider.value = 9 * k;
            slider.dispatchEvent(new Event("input"));
            slider.getBoundingClientRect();
            return performance.now() - start;
          });
          return times.sort((a, b) => a - b)[10];
        })"""
    )
    measured("player: answer to scrubbing, ms", min(medians))
    assert min(medians) < 500  # 50 on an idle machine, of which the benchmarks tell


def test_without_a_script_the_caption_and_the_picture_remain(address, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address["file"])
    assert "validation loss tells when to stop" in page.locator(".nn-fallback").first.inner_text()
    context.close()


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="problem must be one of"):
        TrainingPlayer("mnist")
    with pytest.raises(ValueError, match="patience"):
        TrainingPlayer("xor", patience=3)
    with pytest.raises(TypeError, match="there is no 'learning_rate'"):
        TrainingPlayer("xor", learning_rate=0.1)
    for wrong in ({"rate": -1}, {"batch": 2.5}, {"batch": 5}, {"seed": 1.5}):  # of four rows
        with pytest.raises(ValueError, match="out of range"):
            TrainingPlayer("xor", **wrong)


def test_another_start_has_another_name_and_not_the_usual_curves():
    usual, other = TrainingPlayer("xor", rate=0.5), TrainingPlayer("xor", rate=2.0, patience=5)
    assert "<svg" in usual.still and other.still == ""
    assert other.settings["name"] == "xor_rate2.0_patience5"


@pytest.mark.parametrize("name", sorted(problems.PROBLEMS))
def test_html_is_the_same_every_time_and_light(name):
    first = TrainingPlayer(name)._repr_html_()
    assert first == TrainingPlayer(name)._repr_html_()
    assert len(first) < 200_000
    assert repr(TrainingPlayer(name)) == "<TrainingPlayer>"
