"""The scene: what a prompt can speak of, how it is read, and how it is drawn as an animatic."""
