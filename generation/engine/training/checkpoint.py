"""What a stage needs to go on where it stopped: the optimizer's state and the moving average of the weights."""

from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers.models.modeling_utils import ModelMixin
from diffusers.utils import SAFETENSORS_WEIGHTS_NAME
from safetensors.torch import load_file, save_file
from torch import nn


class Average:
    """Exponential moving average of a model's parameters; early on it forgets faster."""

    def __init__(self, model: nn.Module, decay: float = 0.998):
        self.decay, self.steps = decay, 0
        self.values = {name: value.detach().clone() for name, value in model.named_parameters()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the parameters as they are now."""
        self.steps += 1
        share = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        parameters = dict(model.named_parameters())
        torch._foreach_lerp_(list(self.values.values()), [parameters[name] for name in self.values], share)

    def take(self, model: nn.Module) -> None:
        """Begin again from the parameters as they are now."""
        self.steps, self.values = 0, {name: value.detach().clone() for name, value in model.named_parameters()}

    @contextmanager
    def applied(self, model: nn.Module):
        """The model with averaged weights, for as long as the block lasts."""
        parameters = dict(model.named_parameters())
        trained = {name: parameters[name].detach().clone() for name in self.values}
        with torch.no_grad():
            for name, value in self.values.items():
                parameters[name].copy_(value)
        try:
            yield
        finally:
            with torch.no_grad():
                for name, value in trained.items():
                    parameters[name].copy_(value)


def keep(path: Path, *, model: nn.Module, optimizer: torch.optim.Optimizer, average: Average) -> None:
    """Write the state beside its place and move it in, as safetensors."""
    names = _in_order(model, optimizer)
    tensors = {f"average.{name}": value for name, value in average.values.items()}
    tensors |= {f"model.{name}": value.detach() for name, value in model.named_parameters()}
    tensors["steps"] = torch.tensor(average.steps)
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{names[index]}.{key}": value for key, value in moments.items()}
    beside = path.with_suffix(".part")
    save_file({name: value.contiguous().cpu() for name, value in tensors.items()}, beside)
    beside.rename(path)


def resume(path: Path, *, model: nn.Module, optimizer: torch.optim.Optimizer, average: Average) -> bool:
    """Put back what `keep` wrote; returns whether there was anything. A changed model takes what still fits."""
    if not path.exists():
        return False
    tensors = load_file(path)
    parameters = dict(model.named_parameters())
    state: dict[int, dict[str, Any]] = {}
    with torch.no_grad():
        for index, name in enumerate(_in_order(model, optimizer)):
            value = parameters[name]
            kept = tensors.get(f"model.{name}")
            if kept is None or kept.shape != value.shape:
                continue
            value.copy_(kept)
            average.values[name].copy_(tensors[f"average.{name}"])
            prefix = f"optimizer.{name}."
            state[index] = {key.removeprefix(prefix): tensors[key] for key in tensors if key.startswith(prefix)}
    average.steps = int(tensors["steps"])
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return True


def begin_from(folder: Path, model: ModelMixin, average: Average) -> bool:
    """Begin from weights saved by `save_pretrained`, those in the repository; returns whether there were any that fit.

    They are averages in bf16, without the optimizer's memory: good to go on from where a machine's own state is gone. A
    changed model takes what still fits.
    """
    file = folder / SAFETENSORS_WEIGHTS_NAME
    if not file.exists():
        return False
    own = model.state_dict()
    saved = load_file(file)
    fitting = {name: value for name, value in saved.items() if name in own and own[name].shape == value.shape}
    model.load_state_dict(own | fitting)
    average.take(model)
    return bool(fitting)


def _in_order(model, optimizer) -> list[str]:
    """The names of the parameters in the order in which the optimizer counts them."""
    names = {id(value): name for name, value in model.named_parameters()}
    return [names[id(value)] for group in optimizer.param_groups for value in group["params"]]
