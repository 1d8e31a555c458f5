"""The Django project of Contrechamp and its apps."""

__version__ = "0.1.0"
