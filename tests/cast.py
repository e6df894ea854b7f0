"""What the people of the stories have in common. Needs no Django, so that a browser can be them too."""

PASSWORD = "a long enough passphrase"
