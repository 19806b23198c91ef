"""Training in the kernel for a figure that is watched: an asyncio task, never a thread.

The task works in slices of a few hundredths of a second and gives the kernel its loop back
between them, so that other cells run and a wish is answered at once. After each slice it
reports; it goes on only while the front-end says that it has seen the reports. Where the
front-end is gone (the page closed) its training therefore stands still, and where it comes
back (the network failed for a while) it goes on.
"""

from __future__ import annotations

import asyncio
import math
import time

import numpy as np

import nnlib
from nncourse.widgets.base import Interactive
from nncourse.widgets.problems import Problem, batches, start_network

FRAME = 1 / 30  # seconds from one report to the next
SLICE = 0.02  # of which at most so many are work: the rest is for the kernel's other cells
AHEAD = 6  # reports that may be under way unseen
LATE = 0.5  # seconds from one slice to the next after which none is made up for
VIEWS = 4  # of one figure that are worked for: one whose page was loaded again may not say goodbye


class LiveFigure(Interactive):
    """A figure for whose front-ends the kernel works: a task for each that says hello.

    Of many, those that were heard of last are worked for; to the others the kernel is silent.
    """

    def __init__(self, settings: dict, recording: bytes = b"", **texts: str) -> None:
        super().__init__(settings, recording, **texts)
        self.sessions: dict[str, LiveTask] = {}

    def task_for(self, view, sender: str) -> LiveTask:
        """The work for one front-end."""
        raise NotImplementedError

    def receive(self, view, content: dict) -> None:
        sender = content.get("from", "")
        if content.get("do") == "hello":
            while len(self.sessions) >= VIEWS:
                self.sessions.pop(next(iter(self.sessions))).stop()
            self.sessions[sender] = self.task_for(view, sender)
        elif sender in self.sessions:
            self.sessions[sender] = self.sessions.pop(sender)  # the last, as heard of last
            self.sessions[sender].obey(content)
            if content.get("do") == "close":
                del self.sessions[sender]


class LiveTask:
    """Work for one front-end that reports as it goes, and can be stopped at any time.

    Parameters
    ----------
    view : object
        Sends messages by ``send(content, buffers)``.
    sender : str
        The front-end that this works for.
    """

    def __init__(self, view, sender: str) -> None:
        self.view, self.sender = view, sender
        self.task: asyncio.Task | None = None
        self.sent = self.seen = 0
        self.looked = asyncio.Event()
        self.wish = 0  # the number of the last one obeyed
        self.tell("here")

    def tell(self, kind: str, buffers: list[bytes] | None = None, **content) -> None:
        """Send one message to the front-end."""
        self.view.send({"to": self.sender, "kind": kind, **content}, buffers=buffers)

    def tell_report(self, buffers: list[bytes] | None = None, **content) -> None:
        """Send a report: a message that the front-end says it has seen.

        By the number of the last wish the front-end knows what the report is no answer to.
        """
        self.sent += 1
        self.tell("report", buffers, frame=self.sent, wish=self.wish, **content)

    def obey(self, wish: dict) -> None:
        """Do what the front-end asks."""
        self.wish = wish.get("wish", self.wish)
        if wish["do"] == "seen":
            self.seen = wish["frame"]
            self.looked.set()
        elif wish["do"] == "close":
            self.stop()
        else:
            self.answer(wish)

    def answer(self, wish: dict) -> None:
        """Do one of the wishes that belong to this kind of work."""
        raise NotImplementedError

    async def work(self) -> None:
        """The work: in slices, with `rest` between them."""
        raise NotImplementedError

    def start(self) -> None:
        self.stop()
        self.task = asyncio.get_running_loop().create_task(self.work())

    def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None

    async def rest(self, begun: float) -> None:
        """Give the kernel its loop until the next slice, or until somebody looks again."""
        await asyncio.sleep(max(FRAME - SLICE, begun + FRAME - time.monotonic()))
        while self.sent - self.seen > AHEAD:
            self.looked.clear()
            await self.looked.wait()


class LiveTraining(LiveTask):
    """One front-end's training: what `engines.js` calls an engine.

    Parameters
    ----------
    problem : Problem
    epochs : int
        Where a run ends.
    view, sender : as for `LiveTask`
    """

    def __init__(self, problem: Problem, epochs: int, view, sender: str) -> None:
        super().__init__(view, sender)
        self.problem, self.epochs = problem, epochs
        self.run: nnlib.training.Training | None = None
        self.which = 0  # the run that is trained now, of those the front-end compares
        self.saved: dict[tuple[int, int], dict] = {}
        self.fresh: list[tuple[dict, np.ndarray]] = []
        self.pace = 20.0

    def answer(self, wish: dict) -> None:
        match wish["do"]:
            case "pace":
                self.pace = float(wish["pace"])
            case "rate":
                self.run.optimizer.learning_rate = float(wish["rate"])
            case "reset":
                self.stop()
                self.reset(wish["recipe"])
            case "take":
                self.stop()
                self.take(wish["run"], wish["epoch"], wish["into"])
            case "pause":
                self.stop()
                self.report(self.ending() or "paused")
            case "go" if wish["how"] == "on":
                self.start()  # a new task counts its pace from now
            case "go":
                self.stop()
                self.advance(whole_epoch=wish["how"] == "epoch")

    def take(self, run: int, epoch: int, into: int) -> None:
        """Go on from the end of an epoch of one run, as another run or the same."""
        saved = self.saved[run, epoch]
        self.which = into
        self.saved[into, epoch] = saved
        self.run.restore(saved)
        self.done_batches = 0

    def reset(self, recipe: dict) -> None:
        """The same start again: weights, batches, and nothing remembered."""
        train, check = self.problem.train, self.problem.validation
        rows = len(train[1])
        self.which = 0
        self.saved.clear()
        self.fresh.clear()
        self.run = nnlib.train(
            start_network(self.problem.plan, recipe["seed"]),
            *train,
            loss=self.problem.loss,
            optimizer=nnlib.SGD(recipe["rate"], momentum=recipe["momentum"]),
            epochs=self.epochs,
            batches=batches(rows, recipe["batch"], recipe["seed"]),
            regularizer=nnlib.L2(recipe["l2"]) if recipe["l2"] else None,
            monitor={"train": train},
            validation=check,
        )
        self.batches = math.ceil(rows / recipe["batch"])
        self.done_batches = 0
        self.note(self.before_training())
        self.report("paused")

    def step(self) -> nnlib.training.Step | None:
        """One batch; None if the run is over."""
        step = next(self.run, None)
        if step is not None:
            self.done_batches = 0 if step.epoch_end else step.batch
        if step is not None and step.epoch_end:
            columns = self.run.history.columns
            self.note({name: values[-1] for name, values in columns.items()})
        return step

    def before_training(self) -> dict:
        """The row of epoch 0, which a history does not have."""
        network, row = self.run.network, {}
        for name in ("train", "validation"):
            X, y = getattr(self.problem, name)
            row[f"{name}_loss"] = self.run.loss(network(X), y)[0]
            row[f"{name}_accuracy"] = float((network.predict(X) == y).mean())
        return row

    def note(self, row: dict) -> None:
        """Remember the end of an epoch, for the next report and to come back to."""
        self.saved[self.which, self.run.epoch] = self.run.snapshot()
        record = {
            "epoch": self.run.epoch,
            "train": row["train_loss"],
            "validation": row["validation_loss"],
            "trainAccuracy": row["train_accuracy"],
            "validationAccuracy": row["validation_accuracy"],
            "rate": self.run.optimizer.learning_rate,
        }
        self.fresh.append((record, self.run.network.theta.copy()))

    def advance(self, whole_epoch: bool) -> None:
        """One batch, or the rest of an epoch."""
        step = self.step()
        while whole_epoch and step is not None and not step.epoch_end:
            step = self.step()
        self.report(self.ending() or "paused")

    async def work(self) -> None:
        """Train at the wished pace until the run is over."""
        turned = -math.inf
        while True:
            begun, worked = time.monotonic(), False
            if begun - turned > LATE:  # the start; or another cell ran, or nobody looked
                started, first = begun, self.progress
            turned = begun
            while (now := time.monotonic()) < begun + SLICE:
                if self.progress - first > (now - started) * self.pace:
                    break
                worked = True
                if self.step() is None:
                    return self.report(self.ending())
            if worked:
                self.report(None)
            await self.rest(begun)

    @property
    def progress(self) -> float:
        """Epochs done, and the part of the one that is under way."""
        return self.run.epoch + self.done_batches / self.batches

    def ending(self) -> str | None:
        """Why the run is over, in the front-end's word, or None if it is not."""
        if "diverged" in (self.run.stopped_because or ""):
            return "diverged"
        return "done" if self.run.epoch >= self.epochs else None

    def report(self, stopped: str | None) -> None:
        """Tell the front-end what is new: numbers as text, parameters as bytes."""
        records = [finite(record) for record, _ in self.fresh]
        theta = b"".join(theta.astype("<f8").tobytes() for _, theta in self.fresh)
        self.fresh.clear()
        self.tell_report(
            [theta] if theta else None,
            run=self.which,
            records=records,
            epoch=self.run.epoch,
            batch=self.done_batches,
            batches=self.batches,
            stopped=stopped,
        )


def finite(record: dict) -> dict:
    """JSON knows no infinity: the front-end names what is not a number."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in record.items()
    }
