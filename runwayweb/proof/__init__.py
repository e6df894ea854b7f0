"""Whether all that this installation says of itself is true: what `manage.py audit` asks, and every story about faults.

Nothing is changed. A finding is a sentence about one thing that is not as it must be; where all is well there is none.
"""
