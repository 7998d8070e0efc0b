"""Product ranking for the Larch storefront."""

__version__ = "3.2.0"
