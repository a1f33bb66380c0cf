"""streamctl, installed: the part of the project's tree that the command line needs is in ``project``."""
