"""Random search as it is commonly written: Optuna over PyTorch, worker processes that share a journal.

python optuna_torch.py digits.npz TRIALS EPOCHS            starts two workers and waits
python optuna_torch.py digits.npz TRIALS EPOCHS WORKER     is one of them
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna
    import torch
    from optuna.storages import JournalStorage

WORKERS = 2
BATCH_SIZE, WIDTH = 64, 64


def main() -> None:
    """Start the workers, or be one."""
    file, trials, epochs, *worker = sys.argv[1:]
    if worker:
        number = int(worker[0])
        work(file, (int(trials) + number) // WORKERS, int(epochs), number)
        return
    workers = [subprocess.Popen([sys.executable, __file__, file, trials, epochs, str(k)]) for k in range(WORKERS)]
    sys.exit(max(process.wait() for process in workers))


def work(file: str, trials: int, epochs: int, worker: int) -> None:
    """Take part in the study."""
    import numpy as np
    import optuna
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(worker)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with np.load(file) as arrays:
        data = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    study = optuna.create_study(
        study_name="digits",
        storage=_storage(),
        sampler=optuna.samplers.RandomSampler(seed=worker),
        load_if_exists=True,
    )
    study.optimize(lambda trial: objective(trial, data, epochs), n_trials=trials)
    print(f"{len(study.trials)} trials so far, best validation error {study.best_value:.4f}")


def objective(trial: optuna.Trial, data: dict[str, torch.Tensor], epochs: int) -> float:
    """Train a batch-norm network, judge it after every epoch, and return the last validation error."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    learning_rate = trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True)
    features, classes = data["x"].shape[1], int(data["y"].max()) + 1
    model = nn.Sequential(
        nn.Linear(features, WIDTH, bias=False),
        nn.BatchNorm1d(WIDTH),
        nn.ReLU(),
        nn.Linear(WIDTH, WIDTH, bias=False),
        nn.BatchNorm1d(WIDTH),
        nn.ReLU(),
        nn.Linear(WIDTH, classes),
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    loss_function = nn.CrossEntropyLoss()
    loader = DataLoader(TensorDataset(data["x"], data["y"]), batch_size=BATCH_SIZE, shuffle=True)
    error = 1.0
    for _ in range(epochs):
        model.train()
        total = 0.0
        for x, y in loader:
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
            total += loss.item()
        model.eval()
        with torch.no_grad():
            error = (model(data["x_validation"]).argmax(1) != data["y_validation"]).float().mean().item()
    return error


def _storage() -> JournalStorage:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    return JournalStorage(JournalFileBackend("optuna.journal"))


if __name__ == "__main__":
    main()
