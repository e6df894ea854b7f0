"""A town's traffic, a drone, a clock, an engine."""

import numpy as np

from generation.engine.foley.bed import Bed, Layer
from generation.engine.foley.ear import Ear, Heard
from generation.engine.foley.noise import SAMPLE_RATE, Key, band, chance, decibels, moments, wander
from generation.engine.foley.timbre import Stroke, burst, mixed, ring


class Traffic(Layer):
    """A town's hum and, now and then, somebody who drives by. `near`: how loud the loudest is as it passes, in dB."""

    every = 7.0  # seconds

    def __init__(self, key: Key, ear: Ear, level: float, near: float):
        self.key, self.near = (*key, "traffic"), near
        road = ear.direction(0)

        def slow(t):
            return decibels(level) * (0.7 + 0.6 * wander((*self.key, "slow"), t, 6.0))

        self.hum = Bed((*self.key, "hum"), ((band(70, 300, 4), slow), (band(260, 1300, 6), level - 9)), road, 0.3, 1.0)
        # Every second car is the other's, so that two may be heard at once.
        self.cars = [Bed((*self.key, "car", lane), self._colors(lane), road, 0.0, 0.25) for lane in (0, 1)]

    def _colors(self, lane):
        return (
            (band(120, 1500, 4), lambda t: self._passing(t, lane)[0]),
            (band(900, 4200, 4), lambda t: 0.4 * self._passing(t, lane)[0] ** 1.2),
        )

    def _passing(self, t, lane):
        """How loud a lane's car is, and where, from -1 to 1."""
        which = 2 * np.floor((t / self.every + 1 - lane) / 2).astype(int) + lane
        loud, pan = np.zeros(len(t)), np.zeros(len(t))
        for car in np.unique(which):
            rng = chance((*self.key, "pass"), int(car))
            since = t - (car + rng.uniform(-0.2, 0.2)) * self.every
            much, speed = decibels(self.near + rng.uniform(-6, 0)), rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 0.9)
            loud = np.where(which == car, much / (1 + (1.5 * since) ** 2), loud)
            pan = np.where(which == car, np.tanh(since * speed), pan)
        return loud, pan

    def bed(self, second):
        at = moments(second)
        t = second + np.arange(SAMPLE_RATE) / SAMPLE_RATE
        heard = self.hum.bed(second)
        for lane, car in enumerate(self.cars):
            turn = (0.8 * np.interp(t, at, self._passing(at, lane)[1]) + 1) * np.pi / 4
            heard = heard + car.bed(second) * np.sqrt(2) * np.stack([np.cos(turn), np.sin(turn)], axis=1)
        return heard


class Drone(Layer):
    """Low tones that breathe against each other: machines, or the void."""

    def __init__(self, key: Key, level: float, tones: tuple[float, ...]):
        self.key, self.level, self.tones = (*key, "drone"), level, tones

    def bed(self, second):
        t, at = second + np.arange(SAMPLE_RATE) / SAMPLE_RATE, moments(second)
        heard = np.zeros((SAMPLE_RATE, 2))
        for number, hz in enumerate(self.tones):
            for side in (0, 1):  # a little apart in pitch, which makes it wide
                tone = np.sin(2 * np.pi * np.mod((hz + 0.11 * side * (number + 1)) * t, 1.0))
                breath = np.interp(t, at, wander((*self.key, number, side), at, 5.0))
                heard[:, side] += tone * breath / (1 + 0.5 * number)
        return heard * decibels(self.level)


class Clock(Layer):
    """Tick, tock."""

    def __init__(self, key: Key, heard: Heard, level: float):
        self.key, self.heard, self.level = (*key, "clock"), heard, level
        self.case = [
            mixed(
                ring(0.12, ((2150 * pitch, 0.007, 1.0), (3900 * pitch, 0.004, 0.7), (870 * pitch, 0.016, 0.55))),
                0.25 * burst(chance(self.key), 0.03, 2500, 9000, attack=0.0003, fall=0.004, slope=0),
            )
            for pitch in (1.0, 0.83)
        ]
        self.shift = chance(self.key, 1).uniform(0, 0.5)

    def strokes(self, second):
        for half in (0, 1):
            at = second + 0.5 * half + self.shift
            yield Stroke(at, self.case[half] * decibels(self.level + 14), self.heard.sides(at), 0.35)


class Engine(Layer):
    """A small motor that idles: soft explosions, some forty a second, and the tin around them."""

    def __init__(self, key: Key, heard: Heard, level: float):
        self.key, self.heard = (*key, "engine"), heard
        self.level = level
        self.tin = Bed((*self.key, "tin"), ((band(300, 2200, 5), level - 10),), heard, 1.0, 0.2)

    def bed(self, second):
        t, at = second + np.arange(SAMPLE_RATE) / SAMPLE_RATE, moments(second)
        shake = 0.12 * np.interp(t, at, wander((*self.key, "idle"), at, 0.4))
        phase = 2 * np.pi * np.mod(17.0 * t + shake, 1.0)
        putt = sum(np.sin(number * phase + number**2) / number**0.8 for number in range(1, 14)) / 4
        putt = np.tanh(1.4 * putt)
        sides = self.heard.sides(at)
        sides = np.stack([np.interp(t, at, side) for side in sides.T], axis=1)
        return self.tin.bed(second) * (0.6 + 0.4 * putt[:, None]) + putt[:, None] * sides * decibels(self.level)
