"""How the operators compute: one file per algorithm, each for the devices it names."""
