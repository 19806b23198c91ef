"""One measurement in a process of its own: prints its result as one line of JSON."""

from __future__ import annotations

import json
import sys
import time

from benchmarks import measure


def grid(threads, epochs, repeats, without=()):
    from benchmarks import tasks

    return measure.interleaved(left(tasks.grid(threads, epochs), without), repeats)


def left(contenders, without):
    """The contenders whose names hold none of these words."""
    return {
        name: work
        for name, work in contenders.items()
        if not any(word in name for word in without)
    }


def grid_alone(threads, epochs, repeats):
    from benchmarks import tasks

    ours = "nnlib float32"
    return measure.interleaved({ours: tasks.grid(threads, epochs)[ours]}, repeats)


def side_by_side(threads, epochs, repeats):
    from benchmarks import tasks

    return {
        str(models): measure.interleaved(tasks.side_by_side(models, epochs), repeats)
        for models in (4, 12, 49)
    }


def one_network(threads, epochs, repeats, without=()):
    from benchmarks import tasks

    return {
        name: measure.interleaved(left(tasks.one_network(sizes, epochs), without), repeats)
        for name, sizes in tasks.SHAPES.items()
    }


def one_shape(threads, shape, epochs, repeats):
    from benchmarks import tasks

    contenders = tasks.one_network(tasks.SHAPES[shape], epochs)
    narrow = {name: work for name, work in contenders.items() if "float32" in name}
    return measure.interleaved(narrow, repeats)


def estimators(threads, epochs, repeats):
    from benchmarks import tasks

    return {
        data: {
            "seconds": measure.interleaved(tasks.estimators(data, n), repeats),
            "accuracy": tasks.estimator_accuracy(data, n),
        }
        for data, n in epochs.items()
    }


def growth(threads, repeats):
    from benchmarks import tasks

    result = {}
    for what, (sizes, contender) in tasks.growth().items():
        contenders = {str(size): contender(size) for size in sizes}
        result[what] = measure.interleaved(contenders, repeats)
    return result


def anatomy(threads, repeats):
    from benchmarks import tasks

    seconds = measure.interleaved(tasks.anatomy(), repeats)
    return {name: [t / tasks.CALLS for t in turns] for name, turns in seconds.items()}


def memory(threads, contender, epochs):
    """Peak memory of one contender of the grid, its libraries included."""
    from benchmarks import tasks

    start = time.perf_counter()
    tasks.grid(threads, epochs)[contender]()
    return {"peak_mb": measure.peak_memory(), "seconds": time.perf_counter() - start}


def machine(threads):
    return measure.machine()


def doctor_cost(threads, repeats):
    from benchmarks import doctor_cost

    return doctor_cost.measure_all(repeats)


if __name__ == "__main__":
    task, threads, options = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
    measure.pin(threads)
    print(json.dumps(globals()[task](threads, **options)))
