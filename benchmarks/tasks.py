"""What is compared: each contender is a function without arguments that does the same work.

A contender whose library is not installed is left out, and the report says so.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np

import nnlib
from nnlib import SGD, Dense, Network, datasets, train

warnings.filterwarnings("ignore", module="sklearn")  # "has not converged": it is not meant to

Contenders = dict[str, Callable[[], object]]

GRID = np.logspace(-5, 1, 7)  # the lecture notes' seven learning rates and seven strengths
FOREVER = {"tol": 0.0, "n_iter_no_change": 10**9}  # no stopping early: all do the same epochs


def digits(dtype=np.float64):
    X, y = datasets.load_digits()
    (X, y), _ = datasets.split(X, y, 1437, 360, seed=0)
    return X.astype(dtype), y


def mnist(dtype=np.float64):
    X, y = datasets.load_mnist_5k()
    ((X, y),) = datasets.split(X, y, 5000, seed=0)
    return X.astype(dtype), y


# -- (a) the grid of 49 networks ------------------------------------------------------------------


def grid(threads: int, epochs: int) -> Contenders:
    """49 networks 64-50-10, batch 100: every learning rate with every L2 strength."""
    X, y = digits()

    def ours(dtype, executor=None):
        nnlib.sweep(
            Network(64, [Dense(50, "sigmoid"), Dense(10)], dtype=dtype),
            X, y, {"learning_rate": GRID, "l2": GRID}, batch_size=100, epochs=epochs,
            threads=threads,
        ).run(executor)  # fmt: skip

    contenders: Contenders = {"nnlib float32": lambda: ours(np.float32)}
    if threads > 1:  # the processes are started in the turn that does not count
        executor = ProcessPoolExecutor(threads)
        contenders["nnlib float32, processes"] = lambda: ours(np.float32, executor)
    contenders |= {
        "nnlib float64": lambda: ours(np.float64),
        "floor float32": floor_of_grid(threads, epochs),
        "plain loop (lecture notes)": lambda: [
            plain_loop(X, y, eta, lam, epochs) for eta in GRID for lam in GRID
        ],
    }
    from sklearn.neural_network import MLPClassifier

    def scikit(solver, **more):
        for eta in GRID:
            for alpha in GRID:
                model = MLPClassifier(
                    50, activation="logistic", solver=solver, alpha=alpha, batch_size=100,
                    learning_rate_init=eta, max_iter=epochs, random_state=0, **more, **FOREVER,
                )  # fmt: skip
                try:
                    model.fit(X, y)
                except ValueError:  # diverged
                    pass

    contenders["scikit-learn sgd"] = lambda: scikit("sgd", momentum=0.0)
    contenders["scikit-learn adam"] = lambda: scikit("adam")
    if torch_is_here():
        contenders["PyTorch eager"] = lambda: [
            torch_loop(X, y, [64, 50, 10], eta, lam, epochs) for eta in GRID for lam in GRID
        ]
        contenders["PyTorch eager, DataLoader"] = lambda: [
            torch_loop(X, y, [64, 50, 10], eta, lam, epochs, loader=True)
            for eta in GRID
            for lam in GRID
        ]
    return contenders


def floor_of_grid(threads: int, epochs: int) -> Callable[[], None]:
    """The products and exponentials alone that the grid cannot do without, in float32."""
    sizes = [np.array_split(range(49), threads)[t].size for t in range(threads)]
    steps = epochs * 15  # ceil(1437 / 100)

    def block(networks: int) -> None:
        run = bare_step([64, 50, 10], 100, networks)
        for _ in range(steps):
            run()

    def floor() -> None:
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
            list(pool.map(block, sizes))

    return floor


def bare_step(sizes: list[int], batch: int, networks: int | None = None, dtype=np.float32):
    """One step's matrix products and exponentials, and nothing else, into arrays made before."""
    lead = () if networks is None else (networks,)
    rng = np.random.default_rng(0)
    X = rng.random((batch, sizes[0])).astype(dtype)
    W = [rng.random((*lead, a, b)).astype(dtype) for a, b in zip(sizes, sizes[1:], strict=False)]
    a = [rng.random((*lead, batch, d)).astype(dtype) for d in sizes]
    a[0], out, dW = X, [np.empty_like(v) for v in a], [np.empty_like(w) for w in W]

    def step() -> None:
        for layer, w in enumerate(W):
            np.matmul(a[layer], w, out=out[layer + 1])
            np.exp(a[layer + 1], out=out[layer + 1])
        for layer in reversed(range(len(W))):
            np.matmul(a[layer].mT, a[layer + 1], out=dW[layer])
            if layer:
                np.matmul(a[layer + 1], W[layer].mT, out=out[layer])

    return step


def plain_loop(X, y, eta: float, lam: float, epochs: int, hidden: int = 50) -> None:
    """One network as the lecture notes train it: float64, summed gradient, a random draw each step.

    Our own wording of the same operations, with the L2 slope that was meant.
    """
    rng = np.random.default_rng(0)
    T = np.eye(10)[y]
    W, b = rng.normal(size=(X.shape[1], hidden)), np.full(hidden, 0.01)
    V, c = rng.normal(size=(hidden, 10)), np.full(10, 0.01)
    rows = np.arange(len(X))
    with np.errstate(all="ignore"):
        for _ in range(epochs * (len(X) // 100)):
            chosen = rng.choice(rows, 100, replace=False)
            x, t = X[chosen], T[chosen]
            a = 1 / (1 + np.exp(-(np.matmul(x, W) + b)))
            e = np.exp(np.matmul(a, V) + c)
            delta = e / e.sum(axis=1, keepdims=True) - t
            back = np.matmul(delta, V.T) * a * (1 - a)
            dV, dc = np.matmul(a.T, delta) + lam * V, delta.sum(axis=0)
            dW, db = np.matmul(x.T, back) + lam * W, back.sum(axis=0)
            V -= eta * dV
            c -= eta * dc
            W -= eta * dW
            b -= eta * db


def torch_is_here() -> bool:
    try:
        import torch  # noqa: F401
    except ImportError:
        return False
    return True


def torch_loop(
    X, y, sizes: list[int], eta: float, lam: float, epochs: int, activation="Sigmoid", loader=False
):
    """The usual eager training loop.

    The rows of a batch are taken by their numbers, or, as PyTorch's tutorials do, by a
    ``DataLoader``, which takes them one by one and stacks them.
    """
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    torch.manual_seed(0)
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    layers = []
    for a, b in zip(sizes, sizes[1:], strict=False):
        layers += [torch.nn.Linear(a, b), getattr(torch.nn, activation)()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=eta, weight_decay=lam)
    loss_of = torch.nn.CrossEntropyLoss()
    batches = DataLoader(TensorDataset(X, y), batch_size=100, shuffle=True)
    for _ in range(epochs):
        if not loader:
            batches = ((X[rows], y[rows]) for rows in torch.randperm(len(X)).split(100))
        for inputs, labels in batches:
            optimizer.zero_grad()
            loss_of(model(inputs), labels).backward()
            optimizer.step()


def side_by_side(models: int, epochs: int) -> Contenders:
    """Some networks 64-50-10 as one block on one thread, and as two blocks on two."""
    X, y = digits(np.float32)
    rates = {"learning_rate": np.geomspace(0.01, 1, models).tolist()}

    def trained(threads):
        net = Network(64, [Dense(50, "sigmoid"), Dense(10)], dtype=np.float32)
        settings = {"batch_size": 100, "epochs": epochs, "threads": threads}
        return lambda: nnlib.sweep(net, X, y, rates, **settings).run()

    return {"one thread": trained(1), "two threads": trained(2)}


# -- (b) one network ------------------------------------------------------------------------------

SHAPES = {
    "784-50-10": [784, 50, 10],
    "784-128-64-10": [784, 128, 64, 10],
    "784-300-75-10": [784, 300, 75, 10],
}


def one_network(sizes: list[int], epochs: int) -> Contenders:
    """Plain gradient descent, batch 100, relu, 5,000 images of MNIST."""
    X, y = mnist()
    X32 = X.astype(np.float32)

    def ours(X, dtype):
        layers = [*(Dense(width, "relu") for width in sizes[1:-1]), Dense(10)]
        run = train(
            Network(784, layers, dtype=dtype), X, y, optimizer=SGD(0.1), batch_size=100,
            epochs=epochs,
        )  # fmt: skip
        for _ in run:
            pass

    def scikit(X):
        from sklearn.neural_network import MLPClassifier

        MLPClassifier(
            sizes[1:-1], activation="relu", solver="sgd", alpha=0.0, batch_size=100, momentum=0.0,
            learning_rate_init=0.1, max_iter=epochs, random_state=0, **FOREVER,
        ).fit(X, y)  # fmt: skip

    def floor(dtype):
        step = bare_step(sizes, 100, dtype=dtype)
        for _ in range(epochs * 50):
            step()

    contenders: Contenders = {
        "nnlib float32": lambda: ours(X32, np.float32),
        "floor float32": lambda: floor(np.float32),
        "scikit-learn float32": lambda: scikit(X32),
        "nnlib float64": lambda: ours(X, np.float64),
        "floor float64": lambda: floor(np.float64),
        "scikit-learn float64": lambda: scikit(X),
    }
    if torch_is_here():
        contenders["PyTorch eager float32"] = lambda: torch_loop(
            X32, y, sizes, 0.1, 0.0, epochs, "ReLU"
        )
    return contenders


# -- (c) the estimators ---------------------------------------------------------------------------


def estimators(data: str, epochs: int) -> Contenders:
    """``fit`` of our MLPClassifier and of scikit-learn's, with the same settings."""
    from sklearn.neural_network import MLPClassifier

    X, y = (digits if data == "digits" else mnist)(np.float32)
    settings = {"max_iter": epochs, "random_state": 0, **FOREVER}
    return {
        "nnlib": lambda: nnlib.MLPClassifier(**settings).fit(X, y),
        "floor": lambda: floor_of_fit(X, [X.shape[1], 100, 10], epochs),
        "scikit-learn": lambda: MLPClassifier(**settings).fit(X, y),
    }


def floor_of_fit(X, sizes: list[int], epochs: int, batch: int = 200) -> None:
    """The products, Adam and the gathering of rows that a fit cannot do without.

    Everything goes into arrays made before.
    """
    rng = np.random.default_rng(0)
    n = len(X) // batch * batch  # a last smaller batch is left out
    step, rows = bare_step(sizes, batch), np.empty((batch, X.shape[1]), X.dtype)
    N = sum((a + 1) * b for a, b in zip(sizes, sizes[1:], strict=False))
    theta, grad, m, v = (rng.random(N).astype(X.dtype) for _ in range(4))
    change, root = np.empty_like(theta), np.empty_like(theta)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, n, batch):
            X.take(order[i : i + batch], axis=0, out=rows, mode="clip")
            step()
            m *= 0.9
            m += np.multiply(grad, 0.1, out=change)
            v *= 0.999
            v += np.multiply(change, grad, out=change)
            np.sqrt(v, out=root)
            root += 1e-8
            np.divide(m, root, out=change)
            theta -= np.multiply(change, 1e-3, out=change)


def estimator_accuracy(data: str, epochs: int, seeds: int = 3) -> dict[str, list[float]]:
    """Test accuracy of both, for several seeds, in percent."""
    from sklearn.neural_network import MLPClassifier

    X, y = (digits if data == "digits" else mnist)(np.float32)
    (X, y), (X_test, y_test) = datasets.split(X, y, len(X) * 4 // 5, -1, seed=1)
    return {
        name: [
            100
            * kind(max_iter=epochs, random_state=seed, **FOREVER).fit(X, y).score(X_test, y_test)
            for seed in range(seeds)
        ]
        for name, kind in (("nnlib", nnlib.MLPClassifier), ("scikit-learn", MLPClassifier))
    }


# -- (d) growth -----------------------------------------------------------------------------------


def growth() -> dict[str, tuple[list[int], Callable[[int], Callable[[], object]]]]:
    """What grows -> (sizes, size -> contender)."""
    rng = np.random.default_rng(0)

    def rows(n):
        X, y = rng.random((n, 64)).astype(np.float32), rng.integers(0, 10, n)
        return lambda: _epochs(X, y, 50, 2)

    def width(h):
        X, y = rng.random((2000, 64)).astype(np.float32), rng.integers(0, 10, 2000)
        return lambda: _epochs(X, y, h, 2)

    def models(k):
        X, y = rng.random((1000, 64)).astype(np.float32), rng.integers(0, 10, 1000)
        net = Network(64, [Dense(50, "sigmoid"), Dense(10)], dtype=np.float32)
        # Rates near each other: all models live to the end, so each size does its whole work.
        rates = {"learning_rate": np.linspace(0.1, 0.5, k).tolist()}
        return lambda: nnlib.sweep(net, X, y, rates, batch_size=100, epochs=2, threads=1).run()

    return {
        "rows": ([1000, 2000, 4000, 8000, 16000], rows),
        "hidden units": ([50, 100, 200, 400], width),
        "models": ([1, 5, 25, 100, 400], models),
    }


def _epochs(X, y, hidden: int, epochs: int) -> None:
    net = Network(64, [Dense(hidden, "sigmoid"), Dense(10)], dtype=np.float32)
    for _ in train(net, X, y, optimizer=SGD(0.1), batch_size=100, epochs=epochs):
        pass


# -- (e) the anatomy of a step ---------------------------------------------------------------------


def anatomy(networks: int = 25, batch: int = 100) -> Contenders:
    """The operations of one step of many networks 64-50-10, each many times, in float32.

    Every contender does its operation ``CALLS`` times.
    """
    rng = np.random.default_rng(0)

    def array(*shape):
        return rng.normal(size=shape).astype(np.float32)

    X, W = array(batch, 64), array(networks, 64, 50)
    hidden, out = array(networks, batch, 50), array(networks, batch, 10)
    buffer, dW = np.empty_like(hidden), np.empty_like(W)
    column, row = np.ones((10, 1), np.float32), np.ones((1, batch), np.float32)
    tiny = array(10)
    operations: Contenders = {
        "product X W, forwards": lambda: np.matmul(X, W, out=buffer),
        "product X' delta, backwards": lambda: np.matmul(X.mT, hidden, out=dW),
        "exponentials of the hidden layer": lambda: np.exp(hidden, out=buffer),
        "largest of 10, row by row": lambda: out.max(axis=-1),
        "largest of 10, turned over": lambda: np.ascontiguousarray(out.mT).max(axis=-2),
        "sum of 10, row by row": lambda: out.sum(axis=-1),
        "sum of 10, as a product": lambda: out @ column,
        "sum over the rows": lambda: hidden.sum(axis=-2),
        "sum over the rows, as a product": lambda: row @ hidden,
        "adding ten numbers": lambda: tiny + tiny,
    }

    def often(operation):
        return lambda: [operation() for _ in range(CALLS)]

    return {name: often(operation) for name, operation in operations.items()}


CALLS = 200
