"""Training in a kernel, without a browser: the front-end is played by the test."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import nnlib
from nncourse.widgets import Heatmap, TrainingPlayer, live, problems
from nncourse.widgets.heatmap import LiveSweep


class FrontEnd:
    """Takes a figure's messages; says that it has seen them unless it is gone."""

    def __init__(self, figure, there=True):
        self.figure, self.there = figure, there
        self.messages = []
        self.ask("hello")

    def ask(self, do, **content):
        self.figure.receive(self, {"do": do, "from": "one", **content})

    def send(self, content, buffers=None):
        self.messages.append((content, buffers))
        if self.there and content["kind"] == "report":
            asyncio.get_running_loop().call_soon(self.seen, content["frame"])

    def seen(self, frame):
        if "one" in self.figure.sessions:
            self.ask("seen", frame=frame)

    async def until(self, stopped):
        for _ in range(2000):
            if self.reports and self.reports[-1]["stopped"] == stopped:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"never {stopped}: {self.reports[-1]}")

    @property
    def reports(self):
        return [content for content, _ in self.messages if content["kind"] == "report"]

    @property
    def records(self):
        return [record for report in self.reports for record in report["records"]]

    def last_theta(self):
        buffers = [buffers for _, buffers in self.messages if buffers]
        return np.frombuffer(buffers[-1][0], "<f8")[-self.size :]

    @property
    def size(self):
        return self.figure.sessions["one"].run.network.theta.size


def play(scene):
    """Run a scene on a loop of its own: another test's browser may hold this thread's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, scene()).result(60)


def started(name="noisy_xor", there=True, **recipe):
    player = TrainingPlayer(name)
    front = FrontEnd(player, there)
    front.ask("reset", recipe=player.settings["recipe"] | recipe)
    front.ask("pace", pace=1e6)
    return front


def test_a_whole_run_is_nnlibs_own():
    async def scene():
        front = started()
        front.ask("go", how="on")
        await front.until("done")
        return front

    front = play(scene)
    assert front.messages[0][0]["kind"] == "here"
    problem = problems.PROBLEMS["noisy_xor"]()
    network = problems.start_network(problem.plan, 1)
    first = nnlib.losses.get(problem.loss)(network(problem.train[0]), problem.train[1])[0]
    history = nnlib.fit(
        network, *problem.train, loss=problem.loss, epochs=200, progress=False,
        optimizer=nnlib.SGD(0.1, momentum=0.9), batches=problems.batches(150, 50, 1),
        monitor={"train": problem.train}, validation=problem.validation,
    )  # fmt: skip
    assert [record["epoch"] for record in front.records] == list(range(201))
    assert [record["train"] for record in front.records] == [first, *history["train_loss"]]
    assert [record["validation"] for record in front.records[1:]] == list(
        history["validation_loss"]
    )
    assert (front.last_theta() == network.theta).all()


def test_going_back_and_branching_is_bit_for_bit():
    async def scene():
        front = started()
        front.ask("go", how="on")
        await front.until("done")
        straight = front.last_theta()
        for into in (0, 1):
            front.ask("take", run=0, epoch=20, into=into)
            front.ask("go", how="on")
            await front.until(None)
            await front.until("done")
            assert (front.last_theta() == straight).all()
            assert front.reports[-1]["run"] == into
        front.ask("take", run=0, epoch=20, into=2)
        front.ask("rate", rate=0.5)
        front.ask("go", how="on")
        await front.until(None)
        await front.until("done")
        assert (front.last_theta() != straight).any()
        assert front.records[-1]["rate"] == 0.5

    play(scene)


def test_one_step_one_epoch_and_pause():
    async def scene():
        front = started()
        front.ask("go", how="step")
        assert [front.reports[-1][key] for key in ("epoch", "batch", "batches")] == [0, 1, 3]
        front.ask("go", how="epoch")
        assert [front.reports[-1][key] for key in ("epoch", "batch")] == [1, 0]
        front.ask("pace", pace=20)
        begun = time.monotonic()
        front.ask("go", how="on")
        while front.reports[-1]["epoch"] < 7:
            await asyncio.sleep(0.01)
        # Six epochs at 20 a second, less a frame; how late they come is the machine's affair.
        assert time.monotonic() - begun > 6 / 20 - 2 * live.FRAME
        front.ask("pause")
        count = len(front.messages)
        assert front.reports[-1]["stopped"] == "paused"
        await asyncio.sleep(0.2)
        assert len(front.messages) == count

    play(scene)


def test_back_to_the_start_is_the_same_start():
    async def scene():
        front = started(seed=3)
        thetas = []
        for _ in range(2):
            thetas.append(front.last_theta())
            front.ask("go", how="on")
            await front.until("done")
            thetas.append(front.last_theta())
            front.ask("reset", recipe=front.figure.settings["recipe"] | {"seed": 3})
        return thetas

    start, end, same_start, same_end = play(scene)
    assert (start == same_start).all()
    assert (end == same_end).all()
    assert (start != end).any()


def test_where_nobody_looks_training_stands_still_and_goes_on_when_somebody_does():
    async def scene():
        front = started(there=False)
        front.ask("pace", pace=100)  # as fast as it can, it may be done before anybody looks
        front.ask("go", how="on")
        await asyncio.sleep(1)
        count = len(front.reports)
        await asyncio.sleep(3.5)  # the network may fail for longer
        assert len(front.reports) == count == live.AHEAD + 1
        assert front.reports[-1]["stopped"] is None
        front.there = True
        front.seen(count)
        await front.until("done")
        return front

    assert [record["epoch"] for record in play(scene).records] == list(range(201))


def test_what_another_cell_took_is_not_made_up_for():
    async def scene():
        front = started()
        front.ask("pace", pace=20)
        front.ask("go", how="on")
        await asyncio.sleep(0.3)
        time.sleep(2)  # noqa: ASYNC251 another cell
        await asyncio.sleep(0.3)
        return front.reports[-1]["epoch"]

    assert 6 <= play(scene) <= 20  # 12 at 20 a second; 40 more would be due


def test_a_report_says_which_wish_was_the_last():
    async def scene():
        front = started()
        front.ask("go", how="on", wish=1)
        await front.until("done")
        front.ask("pause", wish=2)
        return front

    front = play(scene)
    assert [report["wish"] for report in front.reports[-2:]] == [1, 2]
    assert front.reports[-1]["stopped"] == "done"  # there is nothing left to pause


def test_divergence_is_named_and_left_by_going_back():
    async def scene():
        front = started("digits", rate=50, l2=1)
        front.ask("go", how="on")
        await front.until("diverged")
        last, place = front.records[-1]["epoch"], front.reports[-1]
        assert place["epoch"] == last and 0 <= place["batch"] < place["batches"] == 15
        front.ask("go", how="on")
        await front.until("diverged")  # as before
        front.ask("take", run=0, epoch=last, into=0)
        front.ask("rate", rate=0.01)
        front.ask("go", how="epoch")
        assert front.reports[-1]["stopped"] == "paused"
        assert front.records[-1]["epoch"] == last + 1

    play(scene)
    assert live.finite({"a": float("inf"), "b": 1.5, "c": 3}) == {"a": None, "b": 1.5, "c": 3}


def test_closing_forgets_and_strangers_are_not_heard():
    async def scene():
        front = started()
        front.ask("go", how="on")
        front.ask("close")
        await asyncio.sleep(0.1)
        assert front.figure.sessions == {}
        front.figure.receive(front, {"do": "go", "how": "on", "from": "two"})
        assert front.figure.sessions == {}

    play(scene)


def test_of_views_that_go_without_a_word_only_the_last_are_worked_for():
    async def scene():
        figure, silent = TrainingPlayer("xor"), FrontEnd(Heatmap("xor"), there=False)

        def say(do, sender, **content):
            figure.receive(silent, {"do": do, "from": sender, **content})

        def come(sender):
            say("hello", sender)
            say("reset", sender, recipe=figure.settings["recipe"])

        views = [f"view {k}" for k in range(live.VIEWS + 2)]
        for view in views[: live.VIEWS]:
            come(view)
        say("go", views[0], how="on")  # and the page is loaded again
        gone = figure.sessions[views[0]]
        await asyncio.sleep(0.1)
        for view in views[1 : live.VIEWS]:
            say("pace", view, pace=5)
        come(views[-2])
        assert list(figure.sessions) == views[1:-1]
        assert gone.task is None
        say("seen", views[1], frame=1)  # this one is still there
        come(views[-1])
        assert list(figure.sessions) == [*views[3:-1], views[1], views[-1]]
        say("go", views[0], how="on")
        assert len(figure.sessions) == live.VIEWS
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1  # this scene

    play(scene)


def test_a_live_sweep_fills_pauses_and_tells_what_a_cell_does():
    async def scene():
        figure = Heatmap("xor")
        front = FrontEnd(figure)
        front.ask("picture", cell=0)  # nothing is trained yet: nothing to show
        front.ask("train")
        await front.until(None)
        front.ask("pause")
        some = front.reports[-2]["rows"][-1]["epoch"]
        assert front.reports[-1]["stopped"] == "paused"
        await asyncio.sleep(0.2)
        assert some < 200
        front.ask("go")
        await front.until("done")
        front.ask("picture", cell=8)
        front.ask("picture", cell=48)  # diverged: no picture
        front.ask("pause")  # in the last moment
        assert front.reports[-1]["stopped"] == "done"
        count = len(front.reports)
        front.ask("go")
        await asyncio.sleep(0.1)
        assert [report["stopped"] for report in front.reports[count:]] == ["done"]
        front.ask("train")
        front.ask("close")
        return figure, front

    figure, front = play(scene)
    rows = [row for report in front.reports for row in report.get("rows", [])]
    assert [row["epoch"] for row in rows][:200] == list(range(1, 201))
    sweep = figure.problem.sweep(figure.size).run()
    assert rows[199]["validation"][8] == pytest.approx(
        sweep.curves["validation_accuracy"][8, -1], abs=1e-6
    )
    lost = {cell: row["epoch"] for row in rows[:200] for cell in row["diverged"]}
    assert lost == {cell: epoch for cell, (epoch, _) in sweep.diverged.items()}
    assert rows[199]["validation"][48] is None
    pictures = [content for content, _ in front.messages if content["kind"] == "picture"]
    assert [(picture["cell"], picture["epoch"]) for picture in pictures] == [(8, 200)]
    expected = figure.problem.picture_of(sweep.network(8))
    sent = next(buffers[0] for content, buffers in front.messages if content["kind"] == "picture")
    assert np.abs(np.frombuffer(sent, np.uint8).astype(int) - expected).max() <= 1
    assert issubclass(LiveSweep, live.LiveTask)
