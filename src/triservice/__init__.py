"""triservice: police, fire, health and council working as one prevention service."""

__version__ = "0.1.0"
