"""The few steps of a distilled video model: its own noise levels, in Euler steps or by drawing the noise anew.

Sources: distribution matching distillation, Yin et al. 2024, arXiv:2405.14867 (its clean estimate is noised again for
the next step); the ladder of levels of the 4-step Wan LoRAs as LightX2V steps them.
"""

import torch
from diffusers.configuration_utils import ConfigMixin, register_to_config
from diffusers.schedulers.scheduling_utils import SchedulerMixin, SchedulerOutput


class FewSteps(SchedulerMixin, ConfigMixin):
    """A flow-matching scheduler whose timesteps are given, not computed.

    `timesteps` count from 1000 (noise) down, before `shift` moves them: σ = s·t / (1 + (s − 1)·t), t in [0, 1]. With
    `renoise`, each step goes to the clean estimate and from there to the next level with noise of its own, drawn from
    the seed given by `seeded`; without, along the velocity (Euler).
    """

    order = 1

    @register_to_config
    def __init__(
        self,
        timesteps: tuple[float, ...] = (1000, 750, 500, 250),
        shift: float = 5.0,
        renoise: bool = False,
        num_train_timesteps: int = 1000,
        predict_x0: bool = True,  # says that `model_outputs` holds the clean estimate, as the multistep schedulers do
    ):
        parts = torch.tensor(timesteps, dtype=torch.float64) / num_train_timesteps
        levels = shift * parts / (1 + (shift - 1) * parts)
        self.sigmas = torch.cat([levels, torch.zeros(1, dtype=torch.float64)]).float()
        self.timesteps = self.sigmas[:-1] * num_train_timesteps
        self.model_outputs: list[torch.Tensor] = []
        self.seed = 0
        self._index = 0

    @property
    def steps(self) -> int:
        return len(self.config["timesteps"])

    def seeded(self, seed: int) -> "FewSteps":
        """The same, drawing its noise from `seed`."""
        self.seed = seed
        return self

    def set_timesteps(self, num_inference_steps: int, device=None) -> None:
        """Begin a run: always of as many steps as there are levels."""
        self.timesteps = self.timesteps.to(device)
        # Not the noise a run begins with: that comes from a generator of the plain seed.
        self._noise = torch.Generator("cpu").manual_seed(self.seed ^ 0x5EED)
        self._index = 0
        self.model_outputs = []

    def set_begin_index(self, begin_index: int = 0) -> None:
        """Go on from this level; pipelines say it before their first step."""
        self._index = begin_index

    def step(self, model_output, timestep, sample, return_dict: bool = True):
        """From one level to the next: velocity and sample of one shape; timesteps come in order."""
        level, following = self.sigmas[self._index : self._index + 2].tolist()
        sample, velocity = sample.float(), model_output.float()
        clean = sample - level * velocity
        if self.config["renoise"]:
            noise = torch.randn(sample.shape, generator=self._noise).to(sample.device)
            moved = (1 - following) * clean + following * noise
        else:
            moved = sample + (following - level) * velocity
        self._index += 1
        self.model_outputs = [clean]
        return SchedulerOutput(prev_sample=moved) if return_dict else (moved,)

    def __len__(self):
        return self.config["num_train_timesteps"]
