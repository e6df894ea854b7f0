"""What every refusal of a run has in common, so that whoever asks for one need not know all the reasons there are."""


class Refused(Exception):
    """It will not be done, and nothing is kept or held for it. The message is a sentence a creator can act on."""
