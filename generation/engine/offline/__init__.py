"""Small networks whose weights come inside pip packages: they need no download and no GPU."""
