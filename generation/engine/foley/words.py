"""Words of a prompt that are heard and not seen: thunder, a clock, somebody who barks."""

from dataclasses import dataclass

from generation.engine.world.lexicon import tokenize

HEARD = {
    "storm": "storm stormy storms thunderstorm thunderstorms thunder thunders thundering thunderous lightning tempest",
    "wind": "wind winds windy gust gusts gusty breeze breezy howling blowing gale",
    "clock": "clock clocks ticking tick ticks tock",
    "fire": "fire fires fireplace crackling crackles crackle flames hearth",
    "stream": "stream streams brook river rivers creek waterfall waterfalls fountain fountains rapids",
    "waves": "waves wave surf surge breakers gulls seagulls seagull",
    "birds": "bird birds birdsong songbird songbirds chirp chirps chirping tweet tweets tweeting twitter twittering",
    "crickets": "cricket crickets cicada cicadas grasshopper grasshoppers",
    "talks": "meow meows meowing bark barks barking growl growls growling roar roars roaring purrs croaks croaking "
    "hoots hooting howls oinks squeaks squeaking neighs whinnies trumpets trumpeting sings singing calls calling "
    "quacks honks yips hums beeps beeping shouts shouting laughs laughing talks talking speaks speaking whispers "
    "whispering",
    "sound": "sound sounds noise noises ambience ambient atmosphere hear heard listen quiet loud soft foley",
}  # fmt: skip


@dataclass(frozen=True)
class Said:
    """What of a prompt is heard: its sounds by our names, and the words themselves."""

    sounds: frozenset[str]
    words: frozenset[str]


def said_in(prompt: str) -> Said:
    tokens = set(tokenize(prompt))
    meant = {sound: tokens & set(words.split()) for sound, words in HEARD.items()}
    return Said(frozenset(sound for sound, words in meant.items() if words), frozenset().union(*meant.values()))
